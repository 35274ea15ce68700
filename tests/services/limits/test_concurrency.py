"""Turns at searching: one for a person, few for a guild, and nobody is held up by somebody else's."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bot.config.settings import LimitsSettings
from bot.errors import UserError
from bot.services.limits.concurrency import Turns
from bot.services.topics.topics import Topics
from tests.builders import START, viewer
from tests.fakes import FakeClock
from tests.opening import open_store
from tests.standins import nothing

ANN, BEN, CID, DAN = 71, 72, 73, 74


class Room:
    """Who searches in it, and until when."""

    def __init__(self, **limits: object) -> None:
        self.turns = Turns(LimitsSettings(**({"search_seconds": 30} | limits)))
        self.inside: list[int] = []

    def enter(self, person: int, guild: int = 1) -> Callable[[], Awaitable[None]]:
        """Begin a search; call what it gives to end it."""
        end = asyncio.Event()

        async def search() -> None:
            async with self.turns.take(guild, person):
                self.inside.append(person)
                await end.wait()
                self.inside.remove(person)

        task = asyncio.create_task(search())

        async def leave() -> None:
            end.set()
            await task

        return leave

    async def settled(self) -> list[int]:
        for _ in range(5):
            await asyncio.sleep(0)
        return sorted(self.inside)


async def test_a_person_has_one_search_at_a_time_and_the_next_begins_when_it_ends() -> None:
    room = Room(searches_per_guild=5, searches_at_once=5)
    first, second = room.enter(ANN), room.enter(ANN)
    assert await room.settled() == [ANN]
    await first()
    assert await room.settled() == [ANN]
    await second()


async def test_who_waits_already_is_told_so() -> None:
    room = Room()
    first, second = room.enter(ANN), room.enter(ANN)
    await room.settled()
    with pytest.raises(UserError, match="Your last search is not done yet"):
        async with room.turns.take(1, ANN):
            pass
    await first()
    await second()


async def test_a_guild_that_searches_much_leaves_room_for_the_others() -> None:
    room = Room(searches_per_guild=2, searches_at_once=3)
    leave = [room.enter(ANN), room.enter(BEN), room.enter(CID)]
    assert await room.settled() == [ANN, BEN]
    leave.append(room.enter(DAN, guild=2))
    assert await room.settled() == [ANN, BEN, DAN], "the third of guild 1 waits, and guild 2 passes by"
    await leave[0]()
    assert await room.settled() == [BEN, CID, DAN]
    for each in leave[1:]:
        await each()
    assert await room.settled() == []


async def test_who_waits_too_long_is_told_what_to_do_and_takes_no_turn() -> None:
    room = Room(search_seconds=0.01, searches_per_guild=1)
    leave = room.enter(ANN)
    await room.settled()
    with pytest.raises(UserError, match="Many people are searching right now"):
        async with room.turns.take(1, BEN):
            pass
    with pytest.raises(UserError, match="Your last search is not done yet"):
        async with room.turns.take(1, ANN):
            pass
    await leave()
    async with room.turns.take(1, BEN), room.turns.take(2, CID):
        pass


async def test_a_search_that_is_cancelled_while_it_waits_or_works_gives_its_turn_back() -> None:
    room = Room(searches_per_guild=1)
    leave = room.enter(ANN)

    async def search() -> None:
        async with room.turns.take(1, BEN):
            await asyncio.sleep(60)

    waiting = asyncio.create_task(search())
    await room.settled()
    waiting.cancel()
    await leave()
    working = asyncio.create_task(search())
    await room.settled()
    working.cancel()
    await asyncio.gather(waiting, working, return_exceptions=True)
    async with room.turns.take(1, CID):
        pass


async def test_suggestions_have_turns_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Discord asks at every key that is pressed."""
    store = await open_store(f"sqlite:///{tmp_path}/a.db")
    topics = Topics(store, LimitsSettings(), FakeClock(START), on_queued=nothing)
    begun, end = [], asyncio.Event()

    async def slow(*_: object, **__: object) -> tuple[()]:
        begun.append(1)
        await end.wait()
        return ()

    monkeypatch.setattr(store.topics, "all", slow)
    asked = [asyncio.create_task(topics.suggest(viewer(1, user=ANN), typed)) for typed in ("n", "ne", "new")]
    for _ in range(5):
        await asyncio.sleep(0)
    assert len(begun) == 1
    assert isinstance(asked[2].exception(), UserError), "whoever goes on typing is answered with nothing"
    end.set()
    assert await asyncio.gather(*asked[:2]) == [(), ()]
    await store.close()
