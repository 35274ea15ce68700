"""What one server's hosts answer changes nothing for another server: what it gets, reads and finds is as without them."""

import asyncio
import os
from pathlib import Path

from tests.tenants import difference, happened

SEQUENCES = int(os.environ.get("RIVERPOST_SEQUENCES", "5"))
"""1,000 of them are run with `benchmarks/tenants.py`."""
AT_ONCE = 8


async def test_whatever_a_hostile_servers_hosts_answer_another_server_sees_what_it_would_see_without_them(
    tmp_path: Path,
) -> None:
    room = asyncio.Semaphore(AT_ONCE)

    async def one(seed: int) -> str | None:
        async with room:
            return await difference(seed, tmp_path / str(seed))

    differences = await asyncio.gather(*(one(seed) for seed in range(SEQUENCES)))
    assert [each for each in differences if each] == []
    assert happened["foreign moves"] >= SEQUENCES
    assert happened["articles"] >= SEQUENCES
