"""Where CPU time goes: by thread, exactly; by library and function, by cProfile, which makes calls look dearer."""

import contextlib
import cProfile
import pstats
import re
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import rig

_LIBRARIES = tuple(
    map(re.compile, (r"/site-packages/(\w+)", r"/lib/python3\.\d+/(\w+)", r"/(bot/\w+(?:/\w+)?)", r"/(\w+)\.py$"))
)
_THROUGH_GREENLETS = ("sqlalchemy", "bot/store", "contextlib", "greenlet")


async def of(run: Callable[[], Awaitable[None]], *, polls: int, rounds: int) -> None:
    """Print the CPU time of `run` per poll, by thread and by what ran in it."""
    await run()
    before, started = _threads(), time.process_time()
    for _ in range(rounds):
        await run()
    per_poll = 1e6 / polls / rounds
    print(f"without the profiler: {per_poll * (time.process_time() - started):.0f} us a poll; by thread:")
    for name, spent in _threads().items():
        if (more := spent - before.get(name, 0.0)) * per_poll >= 1:
            print(f"{more * per_poll:8.0f} us  {name}")
    with _profiled() as profiler:
        for _ in range(rounds):
            await run()
    _show(pstats.Stats(profiler), per_poll)


def _threads() -> dict[str, float]:
    """CPU seconds of every thread of this process, by name."""
    names = {thread.native_id: thread.name for thread in threading.enumerate()}
    spent: Counter[str] = Counter()
    for task in Path("/proc/self/task").iterdir():
        with contextlib.suppress(OSError):
            name = re.sub(r"[-_]?\d+", "", names.get(int(task.name), "not Python's"))
            spent[name] += int((task / "schedstat").read_text("ascii").split()[0]) / 1e9
    return spent


@contextlib.contextmanager
def _profiled() -> Iterator[cProfile.Profile]:
    """The calls of this thread only: the event loop's. Others are one line each above."""
    profiler = cProfile.Profile()
    profiler.enable()
    try:
        yield profiler
    finally:
        profiler.disable()


def _show(stats: pstats.Stats, per_poll: float) -> None:
    by_library: Counter[str] = Counter()
    rows: list[tuple[str, float, float, float]] = []
    found: dict[Any, Any] = stats.stats  # type: ignore[attr-defined] # pstats has no hints for it
    inside = _builtins_by_caller(found)
    for function, (_, calls, own, cumulative, _) in found.items():
        if function[0] == "~":
            continue
        library = _library(function[0])
        spent = own + inside[function]
        by_library[library] += spent
        name = f"{library}: {function[2]} ({Path(function[0]).name}:{function[1]})"
        rows.append((name, spent * per_poll, cumulative * per_poll, calls * per_poll / 1e6))
    print("\nthe event loop's thread under the profiler, C functions counted to their callers:")
    rig.table(("library", "us/poll"), [(name, round(spent * per_poll)) for name, spent in by_library.most_common(24)])
    head = ("us/poll", "with callees", "calls/poll")
    rows.sort(key=lambda row: row[1], reverse=True)
    rig.table(("function, by own time", *head), rows[:45])
    # SQLAlchemy's greenlets mix up whose callee is whose.
    rows = [row for row in rows if not row[0].startswith(_THROUGH_GREENLETS)]
    rows.sort(key=lambda row: row[2], reverse=True)
    rig.table(("function, by time with callees", *head), rows[:35])


def _builtins_by_caller(found: dict[Any, Any]) -> dict[Any, float]:
    inside: dict[Any, float] = defaultdict(float)
    for function, (_, _, _, _, callers) in found.items():
        if function[0] == "~":
            for caller, (_, _, own, _) in callers.items():
                inside[caller] += own
    return inside


def _library(file: str) -> str:
    return next((match[1] for pattern in _LIBRARIES if (match := pattern.search(file))), file)


if __name__ == "__main__":
    raise SystemExit("used by unchanged.py --profile")
