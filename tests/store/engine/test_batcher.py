"""The batcher: who waits is served at once, who does not shares, and everybody hears what became of theirs."""

import asyncio
from collections.abc import Sequence

import pytest

from bot.store.engine.batcher import MOST, Batcher


class Table:
    """Takes batches, one at a time while `hold`; the number 13 cannot be stored, and while `broken` nothing can."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.heard: dict[int, int | Exception] = {}
        self.broken = False
        self.free = asyncio.Event()
        self.free.set()
        self.batcher = Batcher(self._store)

    async def _store(self, items: Sequence[int]) -> list[int | Exception]:
        await self.free.wait()
        if self.broken:
            raise OSError("broken")
        self.batches.append(list(items))
        return [ValueError("unlucky") if item == 13 else 10 * item for item in items]

    def soon(self, *items: int) -> None:
        for item in items:
            self.batcher.submit_soon(item, lambda result, item=item: self.heard.__setitem__(item, result))  # type: ignore[misc]  # a default binds it


@pytest.fixture
async def table() -> Table:
    return Table()


async def test_who_waits_is_not_held_back_and_takes_along_what_is_there(table: Table) -> None:
    table.soon(1, 2)
    assert await table.batcher.submit(3) == 30
    assert table.batches == [[1, 2, 3]]
    assert table.heard == {1: 10, 2: 20}


async def test_what_nobody_waits_for_is_written_when_a_batch_is_full(table: Table) -> None:
    table.soon(*range(100, 100 + MOST - 1))
    await asyncio.sleep(0)
    assert table.batches == []
    table.soon(1)
    await asyncio.sleep(0)
    assert [len(batch) for batch in table.batches] == [MOST]


async def test_what_nobody_waits_for_is_written_in_a_moment_all_the_same(table: Table) -> None:
    written = asyncio.Event()
    table.batcher.submit_soon(1, lambda _: written.set())
    async with asyncio.timeout(5):
        await written.wait()
    assert table.batches == [[1]]


async def test_what_comes_during_a_write_and_can_wait_is_not_written_by_itself(table: Table) -> None:
    table.free.clear()
    table.soon(*range(100, 100 + MOST))
    await asyncio.sleep(0)
    table.soon(1)
    table.free.set()
    for _ in range(5):
        await asyncio.sleep(0)
    assert [len(batch) for batch in table.batches] == [MOST]
    await table.batcher.drain()
    assert table.batches[1:] == [[1]]


async def test_draining_writes_what_could_have_waited(table: Table) -> None:
    table.soon(1)
    await table.batcher.drain()
    assert table.heard == {1: 10}


async def test_one_that_fails_alone_costs_only_itself(table: Table) -> None:
    table.soon(13, 14)
    await table.batcher.drain()
    assert isinstance(table.heard[13], ValueError)
    assert table.heard[14] == 140


async def test_a_batch_that_fails_is_heard_of_by_everybody_and_the_next_is_written(table: Table) -> None:
    table.broken = True
    table.soon(1)
    with pytest.raises(OSError, match="broken"):
        await table.batcher.submit(2)
    assert isinstance(table.heard[1], OSError)
    table.broken = False
    assert await table.batcher.submit(3) == 30


async def test_who_stumbles_over_an_answer_keeps_nobody_else_from_theirs(table: Table) -> None:
    def stumble(_: int | Exception) -> None:
        raise RuntimeError("stumbled")

    table.batcher.submit_soon(1, stumble)
    table.soon(2)
    await table.batcher.drain()
    assert table.heard == {2: 20}
    assert await table.batcher.submit(3) == 30


async def test_giving_up_the_answer_does_not_take_the_item_back(table: Table) -> None:
    table.free.clear()
    waiting = asyncio.create_task(table.batcher.submit(1))
    await asyncio.sleep(0)
    waiting.cancel()
    table.free.set()
    await table.batcher.drain()
    assert table.batches == [[1]]


async def test_who_fails_over_its_answer_keeps_nobody_from_theirs(table: Table) -> None:
    def fail(_: object) -> None:
        raise RuntimeError("a defect")

    table.batcher.submit_soon(1, fail)
    async with asyncio.timeout(5):
        assert await table.batcher.submit(2) == 20
        assert await table.batcher.submit(3) == 30
