"""Random sequences of what a hostile server's hosts answer: another server must see the same as without it.

    PYTHONPATH=. .venv/bin/python benchmarks/tenants.py --sequences 1000

Each is played twice, with and without the hostile server, and compared after every round; see `tests/tenants.py`.
"""

import argparse
import asyncio
import tempfile
import time
from pathlib import Path

from bot import logs
from tests.tenants import difference, happened


async def run(first: int, sequences: int, at_once: int) -> list[str]:
    """The differences that were found."""
    room = asyncio.Semaphore(at_once)
    done = 0
    with tempfile.TemporaryDirectory() as folder:

        async def one(seed: int) -> str | None:
            nonlocal done
            async with room:
                found = await difference(seed, Path(folder) / str(seed))
            done += 1
            if done % 50 == 0 or found:
                print(f"{done} of {sequences}", (found or "")[:2_000], flush=True)
            return found

        found = await asyncio.gather(*(one(seed) for seed in range(first, first + sequences)))
    return [each for each in found if each]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sequences", type=int, default=1_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--at-once", type=int, default=8)
    given = parser.parse_args()
    logs.setup("error", "text", [])
    begun = time.monotonic()
    differences = asyncio.run(run(given.first, given.sequences, given.at_once))
    print(
        f"{given.sequences} sequences in {time.monotonic() - begun:.0f} s: {len(differences)} with a difference; "
        f"{happened['foreign moves']} moves to somebody else's address, {happened['articles']} articles posted"
    )
    if differences:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
