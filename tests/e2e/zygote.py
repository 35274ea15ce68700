"""A process that has imported the bot and forks once for each start, so that starts do not pay for the imports again.

The forked process is a whole one: signals, files, sockets, exit codes and memory limits are real. Only the start of
Python and the imports, about a second of CPU, are shared. `zygote.py SOCKET` serves a Unix socket; a connection carries
one line of JSON with what to run, is answered with the process id, and then with the exit code.
"""

import asyncio
import atexit
import contextlib
import gc
import importlib.util
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parents[1]


class ForkedProcess:
    """A process that the zygote started; it has what tests use of `asyncio.subprocess.Process`."""

    def __init__(self, pid: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._writer = writer
        self._ended = asyncio.create_task(self._watch(reader))

    async def _watch(self, reader: asyncio.StreamReader) -> int:
        line = await reader.readline()
        self.returncode = int(line)
        self._writer.close()
        return self.returncode

    async def wait(self) -> int:
        """Return the exit code; negative for the signal that ended the process."""
        return await asyncio.shield(self._ended)

    def send_signal(self, number: int) -> None:
        """Raise ProcessLookupError if the process is gone."""
        if self.returncode is not None:
            raise ProcessLookupError
        os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


_address: Path | None = None


def _started() -> Path:
    """Start the zygote of this test process once. Its socket."""
    global _address  # noqa: PLW0603 - one per test process, whatever loops come and go
    if _address is None:
        _address = Path(tempfile.mkdtemp(prefix="zygote")) / "socket"
        listening = socket.socket(socket.AF_UNIX)
        listening.bind(str(_address))
        listening.listen()
        program = [sys.executable, str(FOLDER / "zygote.py"), str(listening.fileno())]
        environment = {
            key: value for key, value in os.environ.items() if not key.startswith(("DISCORD_", "RIVERPOST_"))
        }
        process = subprocess.Popen(
            program,
            env=environment | {"PYTHONPATH": str(ROOT)},
            pass_fds=[listening.fileno()],
            stdin=subprocess.DEVNULL,
        )
        listening.close()
        atexit.register(process.kill)
    return _address


async def start(
    program: Sequence[str],
    *,
    folder: Path,
    output: Path,
    environment: Mapping[str, str],
    errors: Path | None = None,
) -> ForkedProcess:
    """Run `program`, the arguments of `python -m bot` or a script's path and its arguments, in a folder.

    Args:
        output: gets what the process writes, at its end.
        errors: gets what it writes to standard error; by default that goes to `output` too.
    """
    reader, writer = await asyncio.open_unix_connection(str(_started()))
    order = {
        "program": list(program),
        "folder": str(folder),
        "output": str(output),
        "errors": str(errors or output),
        "environment": dict(environment),
    }
    writer.write(json.dumps(order).encode() + b"\n")
    return ForkedProcess(int(await reader.readline()), reader, writer)


# --- the zygote ---------------------------------------------------------------------------------


def serve(listening: socket.socket) -> None:
    """Fork for each connection, and report each end."""
    import bot.__main__
    import bot.app
    import bot.opml_commands  # noqa: F401

    gc.collect()
    gc.freeze()
    waiting = selectors.DefaultSelector()
    waiting.register(listening, selectors.EVENT_READ)
    while True:
        for key, _ in waiting.select():
            if key.fileobj is listening:
                connection, _ = listening.accept()
                order = json.loads(connection.makefile("rb").readline())
                pid = os.fork()
                if pid == 0:
                    waiting.close()
                    listening.close()
                    connection.close()
                    _become(order)
                connection.sendall(f"{pid}\n".encode())
                waiting.register(os.pidfd_open(pid), selectors.EVENT_READ, (pid, connection))
            else:
                pid, connection = key.data
                _, status = os.waitpid(pid, 0)
                waiting.unregister(key.fileobj)
                os.close(key.fd)
                with contextlib.suppress(OSError):
                    connection.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
                connection.close()


def _become(order: dict[str, Any]) -> None:
    """Be what was ordered, to the end of the process."""
    code = 1
    try:
        os.chdir(order["folder"])
        os.environ.clear()
        os.environ.update(order["environment"])
        for name, number in (("output", 1), ("errors", 2)):
            opened = os.open(order[name], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
            os.dup2(opened, number)
            os.close(opened)
        code = _run(order["program"])
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 - as the interpreter does it
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _run(program: list[str]) -> int:
    main: Any = sys.modules["__main__"]
    if program[0].endswith(".py"):
        spec = importlib.util.spec_from_file_location("program", program[0])
        assert spec is not None
        assert spec.loader is not None
        module: Any = importlib.util.module_from_spec(spec)
        sys.argv = program
        main.__spec__, main.__file__ = None, program[0]  # what multiprocessing tells its processes of the parent
        spec.loader.exec_module(module)
        return int(module.run(program[1:]))
    import bot.__main__ as command_line

    sys.argv = [command_line.__file__, *program]
    main.__spec__ = importlib.util.find_spec("bot.__main__")
    return command_line.main(program)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
