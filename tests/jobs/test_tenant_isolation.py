"""What fails for one server in a way that nobody foresaw stops nobody else's notices, and is tried again."""

from collections.abc import Awaitable, Callable

import pytest

from bot.errors import StoreError
from bot.jobs.tenant_isolation import PUT_OFF_SECONDS, goes_well
from tests.jobs.conftest import Bot


async def fine() -> None: ...


async def broken() -> None:
    raise AttributeError("'NoneType' object has no attribute 'id'")


async def without_database() -> None:
    raise StoreError("the database is locked")


@pytest.mark.parametrize(("work", "well"), [(fine, True), (broken, False)])
async def test_what_fails_is_said_and_not_raised(work: Callable[[], Awaitable[None]], *, well: bool) -> None:
    assert await goes_well(work(), "a test", guild=1, what="of a row") is well


async def test_a_database_that_does_not_answer_concerns_everybody() -> None:
    with pytest.raises(StoreError):
        await goes_well(without_database(), "a test")


async def test_a_server_whose_notice_cannot_be_planned_holds_up_no_others(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    for guild, channel in ((1, 10), (2, 20), (3, 30)):
        topic = await bot.topic(channel=channel, guild=guild)
        feed = await bot.feed(topic, url=f"https://{guild}.example/feed")
        bot.discord.notices_go_to(guild, channel + 5)
        bot.discord.obstruct(channel, "the bot lacks Send Messages in the channel")
        await bot.publish(feed)
    public, troubled = bot.discord.public, {1}

    def unless_troubled(guild_id: int, chosen: int | None) -> tuple[int, ...] | None:
        if guild_id in troubled:
            raise AttributeError("'NoneType' object has no attribute 'id'")
        return public(guild_id, chosen)

    monkeypatch.setattr(bot.discord, "public", unless_troubled)
    await bot.run(100)
    for _ in range(2):  # the first is a trial whether Discord answers
        await bot.tell(10)
    assert [len(bot.discord.in_channel(channel)) for channel in (15, 25, 35)] == [0, 1, 1]
    troubled.clear()
    await bot.tell(PUT_OFF_SECONDS)
    assert [len(bot.discord.in_channel(channel)) for channel in (15, 25, 35)] == [1, 1, 1]
