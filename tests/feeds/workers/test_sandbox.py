"""What a parser worker can still do: read its document, and nothing else."""

import json
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from bot.errors import ParseError
from bot.feeds.workers import sandbox
from bot.feeds.workers.parser_pool import ParserPool
from bot.feeds.workers.process_pool import environment
from tests.paths import ROOT

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has seccomp, Landlock and /proc")
FEED = b'<rss version="2.0"><channel><title>t</title><item><title>A</title></item></channel></rss>'

ATTEMPTS = {
    "read the database": "open(database, 'rb').read()",
    "write a file": "open(folder + '/new', 'wb').write(b'x')",
    "write into what is open": "os.write(opened, b'x')",
    "delete a file": "os.unlink(database)",
    "rename a file": "os.rename(database, database + '2')",
    "change a file's mode": "os.chmod(database, 0o777)",
    "list a folder": "os.listdir(folder)",
    "connect over the network": "socket.create_connection((b'127.0.0.1', port))",
    "look a name up": "socket.getaddrinfo(b'localhost', 80)",
    "open a socket": "socket.socket()",
    "open a socket pair": "socket.socketpair()",
    "open a pipe": "os.pipe()",
    "copy a descriptor": "os.dup(1)",
    "fork": "os.fork()",
    "run a program": "os.execv('/bin/sh', ['sh', '-c', 'true'])",
    "start a program": "subprocess.run(['/bin/true'])",
    "start a thread": "_thread.start_new_thread(print, ())",
    "end the bot": "os.kill(os.getppid(), 15)",
    "watch the bot": "checked(libc.ptrace(16, os.getppid(), 0, 0))",
    "read the bot's memory": "checked(libc.process_vm_readv(os.getppid(), 0, 0, 0, 0, 0))",
    "raise its limit of files": "resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))",
    "raise its limit of memory": "resource.setrlimit(resource.RLIMIT_AS, (2**40, 2**40))",
    "become somebody else": "os.setuid(12345)",
    "change its root": "os.chroot(folder)",
    "make a namespace": "checked(libc.unshare(0x10000000))",
    "make a file in memory": "os.memfd_create('x')",
    "ask for io_uring": "checked(libc.syscall(425, 1, 0))",
    "load a module": "importlib.import_module('wave')",
    "take more memory than it may": "bytearray(2**31)",
}
PROGRAM = """
import ctypes, importlib, json, os, resource, socket, subprocess, sys, _thread
from importlib.machinery import BuiltinImporter, FrozenImporter
from bot.feeds.workers import sandbox as worker_sandbox
attempts, database, folder, port = json.loads(sys.argv[1])
libc = ctypes.CDLL(None, use_errno=True)
opened = os.open(database, os.O_RDWR)
def checked(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), "refused")
sys.meta_path[:] = [BuiltinImporter, FrozenImporter]
missing = worker_sandbox.confine(1024, 60)
outcomes = {}
for name, code in attempts.items():
    try:
        exec(code)
        outcomes[name] = "done"
    except BaseException as error:
        outcomes[name] = type(error).__name__
worker_sandbox.renew_processor_time(5)
os.write(1, json.dumps([missing, outcomes]).encode())
os._exit(0)
"""


@pytest.fixture(scope="module")
def confined(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], dict[str, str]]:
    """Which walls a confined process lacks, and what became of each attempt."""
    folder = tmp_path_factory.mktemp("data")
    database = folder / "riverpost.db"
    database.write_bytes(b"secret")
    port = 9
    finished = subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps([ATTEMPTS, str(database), str(folder), port])],
        cwd=ROOT,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert finished.stdout, (finished.returncode, finished.stderr)
    assert database.read_bytes() == b"secret", "nothing was written"
    assert [each.name for each in folder.iterdir()] == ["riverpost.db"]
    missing, outcomes = json.loads(finished.stdout)
    return missing, outcomes


@LINUX
@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_a_confined_process_cannot(attempt: str, confined: tuple[list[str], dict[str, str]]) -> None:
    # A look-up fails as "no answer", for want of a socket; a thread as "cannot start".
    refused = {
        "PermissionError",
        "OSError",
        "gaierror",
        "RuntimeError",
        "ValueError",
        "MemoryError",
        "ModuleNotFoundError",
    }
    assert confined[1][attempt] in refused


@LINUX
def test_all_walls_stand_on_this_machine(confined: tuple[list[str], dict[str, str]]) -> None:
    if confined[0]:
        pytest.skip(f"this kernel lacks {confined[0]}")
    assert {name for name, outcome in confined[1].items() if outcome == "done"} == set()


@LINUX
def test_a_refusal_that_is_not_the_filters_is_the_limits() -> None:
    """Where neither seccomp nor Landlock is there, as on other systems, no new descriptor still means no file."""
    code = (
        "import os, resource, socket\n"
        "from bot.feeds.workers import sandbox as worker_sandbox\n"
        "worker_sandbox._limit(1024, 60)\n"
        "for attempt in (lambda: os.open('/etc/passwd', os.O_RDONLY), socket.socket, os.pipe):\n"
        "    try:\n"
        "        attempt()\n"
        "    except OSError:\n"
        "        os.write(1, b'refused ')\n"
    )
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, timeout=60, check=False)
    assert told.stdout == b"refused " * 3, told.stderr


def test_the_filter_knows_the_same_calls_on_each_machine() -> None:
    """Numbers of <asm/unistd.h>, which differ by machine; each machine's are its own."""
    for column in (0, 1):
        numbers = [numbers[column] for numbers in sandbox._CALLS.values() if numbers[column] is not None]
        assert len(numbers) == len(set(numbers))
        assert len(sandbox._filter(column, 1)) < 255, "a jump reaches no further"


def test_workers_have_neither_token_nor_settings() -> None:
    ours = {
        "DISCORD_TOKEN": "t",
        "DISCORD_TOKEN_FILE": "/run/secrets/t",
        "RIVERPOST__FETCH__PROXY": "http://u:p@proxy",
        "AWS_SECRET_ACCESS_KEY": "k",
        "CREDENTIALS_DIRECTORY": "/run/credentials",
        "HTTPS_PROXY": "http://u:p@proxy",
        "PATH": "/bin",
        "LC_ALL": "C.UTF-8",
        "PYTHONPATH": "/somewhere",
    }
    kept = environment(ours)
    assert set(kept) == {"PATH", "LC_ALL", "PYTHONPATH"}
    assert kept["PYTHONPATH"].split(os.pathsep) == [str(ROOT), "/somewhere"]


def servers() -> list[psutil.Process]:
    """What workers are forked from. A test has one pool at a time; those of other tests are closed."""
    return [child for child in psutil.Process().children() if "bot.feeds.workers.fork_server" in child.cmdline()]


@LINUX
async def test_real_workers_stand_behind_the_walls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "very-secret")
    pool = ParserPool(workers=1)
    try:
        await pool.start()
        assert (await pool.parse(FEED, "https://e.example.test/", None)).title == "t"
        (server,) = servers()
        (worker,) = server.children()
        processes = (server, worker)
        for process in processes:
            folder = Path("/proc") / str(process.pid)
            if os.access(folder / "environ", os.R_OK):
                assert b"very-secret" not in (folder / "environ").read_bytes()
        folder = Path("/proc") / str(worker.pid)
        status = dict(line.split(":\t", 1) for line in (folder / "status").read_text().splitlines() if ":\t" in line)
        assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")
        limits = (folder / "limits").read_text()
        for name in ("Max open files", "Max processes", "Max file size", "Max core file size"):
            line = next(line for line in limits.splitlines() if line.startswith(name))
            assert line[len("Max core file size") :].split()[:2] == ["0", "0"], line
        if os.access(folder / "fd", os.R_OK):
            assert sorted(each.name for each in (folder / "fd").iterdir()) == ["0", "1", "2"]
            assert {str((folder / "fd" / name).readlink()) for name in "12"} == {"/dev/null"}
    finally:
        await pool.close()


async def test_a_document_in_any_encoding_of_text_is_read_without_the_disk() -> None:
    pool = ParserPool(workers=1)
    try:
        for encoding, word in (
            ("big5", "中文"),
            ("euc-jp", "日本語"),
            ("koi8-r", "привет"),
            ("iso-2022-kr", "한국어"),
            ("utf-32", "x"),
        ):
            text = f'<?xml version="1.0" encoding="{encoding}"?><rss version="2.0"><channel><title>{word}</title><item><title>{word * 5}</title></item></channel></rss>'
            feed = await pool.parse(text.encode(encoding), "https://e.example.test/", None)
            assert feed.title == word
        for label in ("rot13", "no-such-thing", "unicode_escape", "../../etc/passwd", "wave"):
            body = FEED.replace(b"<rss", f'<?xml version="1.0" encoding="{label}"?><rss'.encode(), 1).replace(
                b">A<", b">\xe4<"
            )
            assert (await pool.parse(body, "https://e.example.test/", None)).title == "t"
    finally:
        await pool.close()


async def test_a_worker_that_needs_too_much_memory_costs_its_document_only() -> None:
    pool = ParserPool(workers=1, memory_megabytes=64, timeout_seconds=30)
    try:
        body = FEED.replace(b">A<", b">" + b"&amp;" * 2_000_000 + b"<")
        with pytest.raises(ParseError):
            await pool.parse(body, "https://e.example.test/", None)
        assert (await pool.parse(FEED, "https://e.example.test/", None)).title == "t"
    finally:
        await pool.close()


@LINUX
async def test_the_server_outlives_workers_that_end_at_the_same_time() -> None:
    pool = ParserPool(workers=6)
    try:
        for _ in range(3):
            await pool.start()
            (server,) = servers()
            workers = server.children()
            for worker in workers:
                worker.kill()
            psutil.wait_procs(workers, timeout=10)
            assert (await pool.parse(FEED, "https://e.example.test/", None)).title == "t"
            assert server.is_running(), "it is the same one"
            assert servers() == [server]
    finally:
        await pool.close()
