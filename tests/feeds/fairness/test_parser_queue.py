"""Whose document is read next, without workers: turns that end when they are told."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.feeds.fairness.parser_queue import Lane, ParserQueue
from bot.feeds.fairness.tenants import Usage, working_for


class Readings:
    """Documents that begin when they may and end when they are told."""

    def __init__(self, workers: int) -> None:
        self.queue = ParserQueue(workers)
        self.begun: list[str] = []
        self._ends: dict[str, asyncio.Event] = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}

    async def bring(self, name: str, server: int, lane: Lane = Lane.QUICK) -> Usage:
        self._ends[name] = asyncio.Event()
        with working_for(server) as usage:
            self.tasks[name] = asyncio.create_task(self._read(name, lane))
        await asyncio.sleep(0)
        return usage

    async def end(self, *names: str) -> None:
        for name in names:
            self._ends[name].set()
        for _ in range(4):
            await asyncio.sleep(0)

    async def _read(self, name: str, lane: Lane) -> None:
        async with self.queue.turn(lane):
            self.begun.append(name)
            await self._ends[name].wait()

    def takes_long(self, server: int) -> None:
        self.queue._expect(server, 4.0)


@pytest.fixture
async def two() -> AsyncIterator[Readings]:
    made = Readings(2)
    yield made
    for task in made.tasks.values():
        task.cancel()
    await asyncio.gather(*made.tasks.values(), return_exceptions=True)


async def test_one_server_alone_has_all_workers(two: Readings) -> None:
    for name in ("one", "two", "three"):
        await two.bring(name, 1)
    assert two.begun == ["one", "two"]


async def test_a_server_has_one_document_at_a_time_while_others_wait(two: Readings) -> None:
    for name in ("one", "two", "three", "four"):
        await two.bring(name, 1)
    await two.bring("other", 2)
    await two.end("one")
    assert two.begun[2:] == ["other"]
    await two.end("two")
    assert two.begun[3:] == ["three"]


async def test_a_server_whose_documents_take_long_leaves_a_worker_to_others(two: Readings) -> None:
    two.takes_long(1)
    for name in ("hog one", "hog two"):
        await two.bring(name, 1)
    assert two.begun == ["hog one"]
    await two.bring("plain", 2)
    assert two.begun == ["hog one", "plain"]


async def test_several_servers_whose_documents_take_long_do_so_too(two: Readings) -> None:
    for server in (1, 2, 3):
        two.takes_long(server)
        await two.bring(f"hog {server}", server)
    assert two.begun == ["hog 1"]
    await two.bring("plain", 4)
    await two.end("hog 1")
    assert two.begun == ["hog 1", "plain", "hog 2"]


async def test_first_readings_leave_a_worker_to_polls_and_polls_leave_one_to_them(two: Readings) -> None:
    for server in (1, 2):
        await two.bring(f"first {server}", server, Lane.LONG)
    for server in (3, 4, 5):
        await two.bring(f"poll {server}", server)
    assert two.begun == ["first 1", "poll 3"]
    await two.end("first 1")
    assert two.begun[2:] == ["first 2"]
    await two.end("poll 3")
    assert two.begun[3:] == ["poll 4"]


async def test_a_person_goes_before_other_slow_work(two: Readings) -> None:
    await two.bring("running", 1, Lane.LONG)
    await two.bring("import", 2, Lane.LONG)
    await two.bring("person", 3, Lane.PERSON)
    await two.end("running")
    assert two.begun[1] == "person"


async def test_one_large_document_is_read_at_a_time(two: Readings) -> None:
    await two.bring("large", 1, Lane.LARGE)
    await two.bring("another large", 2, Lane.LARGE)
    await two.bring("plain", 3)
    assert two.begun == ["large", "plain"]


async def test_a_single_worker_takes_turns_between_slow_and_quick() -> None:
    one = Readings(1)
    for server in (1, 2, 3):
        await one.bring(f"first {server}", server, Lane.LONG)
        await one.bring(f"poll {server}", server + 10)
    for _ in range(6):
        await one.end(one.begun[-1])
    assert one.begun == ["first 1", "poll 1", "first 2", "poll 2", "first 3", "poll 3"]


async def test_what_is_given_up_makes_way(two: Readings) -> None:
    for name in ("one", "two", "three", "four"):
        await two.bring(name, 1)
    two.tasks["three"].cancel()
    two.tasks["one"].cancel()
    for _ in range(4):
        await asyncio.sleep(0)
    assert two.begun == ["one", "two", "four"]


async def test_closing_cancels_who_waits(two: Readings) -> None:
    for name in ("one", "two", "three"):
        await two.bring(name, 1)
    two.queue.close()
    with pytest.raises(asyncio.CancelledError):
        await two.tasks["three"]


async def test_what_reading_took_is_charged_to_what_it_was_for(two: Readings) -> None:
    usage = await two.bring("one", 1)
    await asyncio.sleep(0.02)
    await two.end("one")
    assert usage.parse_seconds >= 0.02
