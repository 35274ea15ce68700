"""Takes from a worker process every right that reading a document does not need. Cannot be undone by the process.

Three walls, each of which holds where the others are missing:

- Resource limits (any POSIX system): no new file descriptor, so neither file nor socket; no new process; no core dump;
  bounded memory and processor time.
- A seccomp filter (Linux on x86_64 and aarch64): only the system calls on the list below; all others fail with EPERM.
- A Landlock ruleset without rules (Linux 5.13 and later): no file can be opened, changed or executed.

The kept libraries for these need libseccomp on the machine or are young; what is needed here is a list of numbers.
"""

import contextlib
import ctypes
import os
import platform
import resource
import struct
import sys
from collections.abc import Callable, Sequence

MEGABYTE = 1024 * 1024

# --- numbers of <linux/prctl.h>, <linux/seccomp.h>, <linux/landlock.h>, <linux/audit.h> -----------------------------

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _PR_SET_DUMPABLE = 38, 22, 4
_SECCOMP_MODE_FILTER = 2
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050001, 0x80000000
"""Let the call through; let it fail with EPERM; end the process."""
_LOAD_WORD, _JUMP_EQUAL, _JUMP_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_AT_NUMBER, _AT_MACHINE, _AT_FIRST, _AT_SECOND = 0, 4, 16, 24
"""Where struct seccomp_data has the call's number, the machine, and the lower half of the first two arguments."""
_X32 = 0x40000000
"""Numbers from here on are calls of another kind, which the list does not mean."""
_LANDLOCK_CREATE_RULESET, _LANDLOCK_RESTRICT_SELF, _LANDLOCK_VERSION = 444, 446, 1
_LANDLOCK_RIGHTS = {1: (13, 0, 0), 2: (14, 0, 0), 3: (15, 0, 0), 4: (15, 2, 0), 5: (16, 2, 0), 6: (16, 2, 2)}
"""By version: how many rights to files, to network ports and to other processes the kernel can take away."""

_CALLS = {
    # name: (x86_64, aarch64); None where the machine has no such call.
    "read": (0, 63),
    "write": (1, 64),
    "close": (3, 57),
    "mmap": (9, 222),
    "mprotect": (10, 226),
    "munmap": (11, 215),
    "mremap": (25, 216),
    "madvise": (28, 233),
    "brk": (12, 214),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "sigaltstack": (131, 132),
    "restart_syscall": (219, 128),
    "sched_yield": (24, 124),
    "nanosleep": (35, 101),
    "clock_nanosleep": (230, 115),
    "clock_gettime": (228, 113),
    "clock_getres": (229, 114),
    "gettimeofday": (96, 169),
    "time": (201, None),
    "times": (100, 153),
    "getrusage": (98, 165),
    "getpid": (39, 172),
    "gettid": (186, 178),
    "futex": (202, 98),
    "getrandom": (318, 278),
    "membarrier": (324, 283),
    "rseq": (334, 293),
    "exit": (60, 93),
    "exit_group": (231, 94),
}
_PRLIMIT_NUMBERS = (302, 261)
_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}


def confine(memory_megabytes: int, processor_seconds: int) -> tuple[str, ...]:
    """Put this process behind the walls. What it has open stays open.

    Args:
        processor_seconds: in all; `renew_processor_time` gives each document its share.

    Returns:
        The walls that this machine does not have, in plain words. Empty where all stand.
    """
    walls: list[tuple[str, Callable[[], None]]] = [
        ("resource limits", lambda: _limit(memory_megabytes, processor_seconds))
    ]
    if sys.platform == "linux":
        # Landlock first: it needs a file descriptor, and the filter lets none of its calls through.
        walls = [("no new privileges", _forbid_new_privileges), ("landlock", _landlock), *walls, ("seccomp", _seccomp)]
    missing = []
    for name, build in walls:
        try:
            build()
        except (OSError, ValueError) as error:
            missing.append(f"{name} ({error.strerror if isinstance(error, OSError) else error})")
    if sys.platform != "linux":
        missing.append("seccomp and landlock (only Linux has them)")
    return tuple(missing)


def renew_processor_time(seconds: float) -> None:
    """From now on so many seconds of processor time are left, then the kernel ends the process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    wanted = int(used.ru_utime + used.ru_stime + seconds) + 2
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CPU, (wanted if most == resource.RLIM_INFINITY else min(wanted, most), most))


def _limit(memory_megabytes: int, processor_seconds: int) -> None:
    memory = memory_megabytes * MEGABYTE
    for kind, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_CPU, processor_seconds),
        (resource.RLIMIT_NOFILE, 0),
    ):
        resource.setrlimit(kind, (most, most))


def _forbid_new_privileges() -> None:
    _checked(_libc().prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    # Nor may another process of this user look into it, or it be the way into one of them.
    _checked(_libc().prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0))


def _landlock() -> None:
    libc = _libc()
    version = _checked(libc.syscall(_LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), _LANDLOCK_VERSION))
    files, ports, scopes = (2**bits - 1 for bits in _LANDLOCK_RIGHTS[min(version, max(_LANDLOCK_RIGHTS))])
    known = struct.pack("=QQQ", files, ports, scopes)
    size = 8 if version < 4 else 16 if version < 6 else 24
    ruleset = _checked(libc.syscall(_LANDLOCK_CREATE_RULESET, known, ctypes.c_size_t(size), 0))
    try:
        _checked(libc.syscall(_LANDLOCK_RESTRICT_SELF, ruleset, 0))
    finally:
        os.close(ruleset)


def _seccomp() -> None:
    machine = platform.machine()
    if machine not in _MACHINES:
        raise ValueError(f"no list of system calls for {machine}")
    program = b"".join(_filter(*_MACHINES[machine]))
    buffer = ctypes.create_string_buffer(program, len(program))
    # struct sock_fprog: the number of instructions, and where they are.
    header = struct.pack("@HxxxxxxQ", len(program) // 8, ctypes.addressof(buffer))
    _checked(_libc().prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, header, 0, 0))


def _filter(column: int, machine: int) -> Sequence[bytes]:
    """The program that judges each call: classic BPF, see seccomp(2)."""
    allowed = [numbers[column] for numbers in _CALLS.values()]
    body = [
        _step(_LOAD_WORD, _AT_MACHINE),
        _step(_JUMP_EQUAL, machine, 1, 0),
        _step(_RETURN, _KILL),
        _step(_LOAD_WORD, _AT_NUMBER),
        _step(_JUMP_AT_LEAST, _X32, 0, 1),
        _step(_RETURN, _REFUSE),
    ]
    for number in allowed:
        if number is not None:
            body += [_step(_JUMP_EQUAL, number, 0, 1), _step(_RETURN, _ALLOW)]
    return [
        *body,
        # Of limits only the processor's time may be set, and only of this process.
        _step(_JUMP_EQUAL, _PRLIMIT_NUMBERS[column], 0, 5),
        _step(_LOAD_WORD, _AT_FIRST),
        _step(_JUMP_EQUAL, 0, 0, 3),
        _step(_LOAD_WORD, _AT_SECOND),
        _step(_JUMP_EQUAL, int(resource.RLIMIT_CPU), 0, 1),
        _step(_RETURN, _ALLOW),
        _step(_RETURN, _REFUSE),
    ]


def _step(code: int, value: int, if_so: int = 0, if_not: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_so, if_not, value)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
