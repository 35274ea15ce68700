"""Following a starter pack: all of it, with what could not be read named, told as it goes, and ended in time."""

from pathlib import Path

import pytest

from bot.config.settings import LimitsSettings, Pack, PollingSettings
from bot.errors import UserError
from bot.services import Following, Packs
from bot.services.sources.ingest import Ingest
from bot.services.sources.starter_packs import MAX_SECONDS, Unread
from tests.builders import START, entry
from tests.fakes import FakeClock, FakeDiscovery, found
from tests.opening import open_store

FEEDS = tuple(f"https://{number}.example/feed" for number in range(1, 8))
PACK = Pack(name="Cables", description="Below the sea", feeds=(*FEEDS, "https://user:secret@dead.example/feed"))


class SlowDiscovery(FakeDiscovery):
    """Every look takes so many seconds."""

    def __init__(self, clock: FakeClock, seconds: float) -> None:
        super().__init__()
        self._clock, self._seconds = clock, seconds
        for number, url in enumerate(FEEDS, 1):
            self.put(url, found(url, f"Feed {number}", [entry(number)]))

    async def find(self, source: str) -> tuple[object, ...]:  # type: ignore[override]
        self._clock.advance(self._seconds)
        return await super().find(source)


async def follow(
    tmp_path: Path, seconds: float
) -> tuple[tuple[str, ...], tuple[Unread, ...], list[tuple[int, int]], int]:
    store, clock = await open_store(f"sqlite:///{tmp_path}/a.db", now=START), FakeClock(START)
    try:
        finder = SlowDiscovery(clock, seconds)
        following = Following(store, finder, Ingest(store, PollingSettings(), clock), LimitsSettings(), clock)  # type: ignore[arg-type]
        topic = await store.topics.create(guild_id=1, name="n", channel_id=2, now=START)
        assert topic is not None
        told: list[tuple[int, int]] = []

        async def progress(done: int, of: int) -> None:
            told.append((done, of))

        packs = Packs([PACK], finder, following, clock)  # type: ignore[arg-type]
        packed = await packs.follow(packs.get("cables"), topic, added_by=3, progress=progress)
        return packed.followed, packed.unread, told, len(await store.topics.sources(1, topic.id, now=START))
    finally:
        await store.close()


async def test_all_that_can_be_read_is_followed_and_the_rest_is_named_without_its_password(tmp_path: Path) -> None:
    followed, unread, told, sources = await follow(tmp_path, 1)
    assert followed == tuple(f"Feed {number}" for number in range(1, 8))
    assert [each.url for each in unread] == ["https://dead.example/feed"]
    assert told == [(number, 8) for number in range(1, 9)]
    assert sources == 7


async def test_what_there_is_no_time_for_is_named(tmp_path: Path) -> None:
    followed, unread, _told, sources = await follow(tmp_path, MAX_SECONDS / 4)
    assert len(followed) == sources < 7
    assert len(followed) + len(unread) == 8
    assert unread[0].reason == "There was no time left for it."


def test_a_pack_is_found_by_any_part_of_its_words_and_an_unknown_one_is_refused() -> None:
    nothing = FakeDiscovery()
    packs = Packs([PACK], nothing, None, FakeClock())  # type: ignore[arg-type]
    assert packs.suggest("SEA") == (PACK,)
    assert packs.suggest("land") == ()
    with pytest.raises(UserError, match="There is: Cables"):
        packs.get("Cats")
    with pytest.raises(UserError, match="I have no starter packs"):
        Packs([], nothing, None, FakeClock()).get("Cats")  # type: ignore[arg-type]
