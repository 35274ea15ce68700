"""Where CPU time goes: by thread, exactly; by library and function of the event loop's thread, by sampling.

A sampler and no tracer, because a tracer makes small calls look dear, and SQLAlchemy's greenlets confuse it.
"""

import contextlib
import re
import signal
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import FrameType

import rig

EVERY_SECONDS = 0.001
_LIBRARIES = tuple(
    map(re.compile, (r"/site-packages/(\w+)", r"/lib/python3\.\d+/(\w+)", r"/(bot/\w+(?:/\w+)?)", r"/(\w+)\.py$"))
)


async def of(run: Callable[[], Awaitable[None]], *, polls: int, rounds: int) -> None:
    """Print the CPU time of `run` per poll, by thread and by what ran in it. Calls it 2 * rounds + 1 times."""
    await run()
    before, started = _threads(), time.process_time()
    for _ in range(rounds):
        await run()
    per_poll = 1e6 / polls / rounds
    print(f"without the profiler: {per_poll * (time.process_time() - started):.0f} us a poll; by thread:")
    spent = {name: per_poll * (after - before.get(name, 0.0)) for name, after in _threads().items()}
    for name, microseconds in sorted(spent.items(), key=lambda item: -item[1]):
        print(f"{microseconds:8.0f} us  {name}")
    sampler = Sampler()
    signal.signal(signal.SIGPROF, sampler.take)
    signal.setitimer(signal.ITIMER_PROF, EVERY_SECONDS, EVERY_SECONDS)
    try:
        for _ in range(rounds):
            await run()
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    sampler.show(spent["MainThread"])


def _threads() -> dict[str, float]:
    """CPU seconds of every thread of this process, by name."""
    names = {thread.native_id: thread.name for thread in threading.enumerate()}
    spent: Counter[str] = Counter()
    for task in Path("/proc/self/task").iterdir():
        with contextlib.suppress(OSError):
            name = re.sub(r"[-_]?\d+", "", names.get(int(task.name), "not Python's"))
            spent[name] += int((task / "schedstat").read_text("ascii").split()[0]) / 1e9
    return spent


class Sampler:
    """Stacks of the main thread, one for each so much CPU time of the process."""

    def __init__(self) -> None:
        self.samples = 0
        self._libraries: Counter[str] = Counter()
        self._own: Counter[str] = Counter()
        self._total: Counter[str] = Counter()

    def take(self, _signal: int, frame: FrameType | None) -> None:
        self.samples += 1
        stack: list[tuple[str, str]] = []
        while frame is not None:
            code = frame.f_code
            library = _library(code.co_filename)
            stack.append((library, f"{library}: {code.co_name} ({Path(code.co_filename).name}:{code.co_firstlineno})"))
            frame = frame.f_back
        if not stack:
            return
        self._libraries[stack[0][0]] += 1
        self._own[stack[0][1]] += 1
        self._total.update({name for _, name in stack})

    def show(self, microseconds: float) -> None:
        """Tables in which all samples together are so many microseconds a poll."""
        each = microseconds / max(1, self.samples)
        print(f"\nthe event loop's thread, {self.samples} samples; uvloop and other C code counted to its caller")
        print("(SQLAlchemy runs the store's statements in greenlets: their callers do not have them as callees)")
        for title, counts, most in (
            ("library", self._libraries, 24),
            ("function, without callees", self._own, 40),
            ("function, with callees", self._total, 70),
        ):
            rows = [
                (name, round(count * each, 1), f"{count / self.samples:.1%}")
                for name, count in counts.most_common(most)
            ]
            rig.table((title, "us/poll", "share"), rows)


def _library(file: str) -> str:
    return next((match[1] for pattern in _LIBRARIES if (match := pattern.search(file))), file)


if __name__ == "__main__":
    raise SystemExit("used by unchanged.py and one_new.py, with --profile")
