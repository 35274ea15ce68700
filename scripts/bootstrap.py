"""Make .venv hold exactly what a lock file names; standard library only, run by the scripts beside it.

    bootstrap.py ready LOCK      exit code 0 if nothing is to be done
    bootstrap.py install LOCK    do it; safe to interrupt, and safe to start twice at the same time

The stamp, the lock file's digest, is written last. While packages are being installed a mark lies in the
environment; found at the next start, it means that the installation was cut off, and the environment is remade:
a package of which half the files arrived would otherwise count as installed.
"""

import fcntl
import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
UNFINISHED = ENVIRONMENT / ".riverpost-unfinished"
OLDEST = (3, 11)


def main(arguments: list[str]) -> int:
    action, lock = arguments
    if action == "ready":
        return 0 if is_ready(lock) else 1
    # The lock is on this file, so that it survives the environment and leaves nothing behind.
    with Path(__file__).open("rb") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another start is installing; waiting for it")
            fcntl.flock(held, fcntl.LOCK_EX)
        if not is_ready(lock):
            install(lock)
    return 0


def is_ready(lock: str) -> bool:
    try:
        return not UNFINISHED.exists() and stamp_of(lock).read_text(encoding="ascii") == digest_of(lock)
    except OSError:
        return False


def install(lock: str) -> None:
    if not usable():
        say("making a virtual environment in .venv")
        venv.create(ENVIRONMENT, clear=True, with_pip=True, symlinks=True)
    say(f"installing the packages of requirements/{lock}.lock (once; a minute or so)")
    UNFINISHED.touch()
    stamp_of(lock).unlink(missing_ok=True)
    digest = digest_of(lock)
    command = [PYTHON, "-I", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    command += ["--no-deps", "--require-hashes", "-r", ROOT / "requirements" / f"{lock}.lock"]
    # Standard output belongs to the program that is started next.
    subprocess.run(command, check=True, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=sys.stderr)
    fresh = stamp_of(lock).with_suffix(".new")
    fresh.write_text(digest, encoding="ascii")
    fresh.replace(stamp_of(lock))
    UNFINISHED.unlink()


def usable() -> bool:
    """Whether there is an environment of a fitting Python with pip, left by a finished installation."""
    if UNFINISHED.exists() or not os.access(PYTHON, os.X_OK):
        return False
    check = f"import pip, sys; sys.exit(sys.version_info < {OLDEST} or sys.prefix == sys.base_prefix)"
    return subprocess.run([PYTHON, "-I", "-c", check], check=False, capture_output=True).returncode == 0


def stamp_of(lock: str) -> Path:
    return ENVIRONMENT / f".riverpost-{lock}-sha"


def digest_of(lock: str) -> str:
    # The folder is part of it: an environment that was moved or copied has wrong paths inside.
    text = (ROOT / "requirements" / f"{lock}.lock").read_bytes()
    return hashlib.sha256(text + os.fsencode(ENVIRONMENT)).hexdigest()


def say(text: str) -> None:
    print(f"riverpost: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        say("interrupted; run the same command again to go on")
        sys.exit(130)
    except subprocess.CalledProcessError as error:
        say(f"installing failed (exit code {error.returncode}), see above; check the network and run this again")
        sys.exit(1)
    except OSError as error:
        say(f"installing failed: {error}")
        sys.exit(1)
