"""The delivery loop in virtual time: budgets, outages, bans; every article once, in order, and few requests."""

from dataclasses import replace
from itertools import pairwise

import pytest
import structlog
import structlog.testing

from bot.model import SendKind, SendResult
from tests.jobs.conftest import RATE, Bot
from tests.jobs.discord import cloudflare, rate_limited

HOUR = 3600.0
CHANNELS = range(10, 60)


async def test_five_hundred_articles_to_one_channel_go_ten_a_message_in_order(bot: Bot) -> None:
    feed = await bot.feed(await bot.topic(channel=10))
    titles = await bot.publish(feed, 500)
    await bot.run(30)
    assert bot.discord.titles(10) == titles
    sizes = [len(message.titles) for message in bot.discord.in_channel(10)]
    assert max(sizes) == 10
    assert len(sizes) < 60
    assert bot.discord.most_in_a_second() <= RATE


async def test_five_hundred_articles_to_fifty_channels_never_pass_the_budget(bot: Bot) -> None:
    expected = {}
    for channel in CHANNELS:
        feed = await bot.feed(await bot.topic(f"t{channel}", channel=channel), url=f"https://b{channel}.example/feed")
        expected[channel] = await bot.publish(feed, 10)
    await bot.run(30)
    assert {channel: bot.discord.titles(channel) for channel in CHANNELS} == expected
    assert bot.discord.most_in_a_second() <= RATE
    assert max(len(message.titles) for message in bot.discord.messages) > 1


async def test_a_day_without_discord_costs_few_requests_and_loses_nothing(bot: Bot) -> None:
    feeds = []
    for channel in range(10, 22):
        topic = await bot.topic(f"t{channel}", channel=channel)
        feeds.append(await bot.feed(topic, url=f"https://b{channel}.example/feed"))
    before = [await bot.publish(feed) for feed in feeds]
    await bot.run(10)
    bot.discord.requests.clear()
    bot.discord.down()
    during: list[list[str]] = [[] for _ in feeds]
    for _ in range(6):
        for index, feed in enumerate(feeds):
            during[index] += await bot.publish(feed)
        await bot.run(4 * HOUR, step=60)
    while_down = len(bot.discord.requests)
    assert while_down < 200
    bot.discord.up()
    await bot.run(2 * HOUR)
    for index, channel in enumerate(range(10, 22)):
        assert bot.discord.titles(channel) == before[index] + during[index]
    assert bot.discord.most_in_a_second() <= RATE


async def test_a_day_without_discord_and_with_one_channel_is_as_quiet(bot: Bot) -> None:
    feed = await bot.feed(await bot.topic(channel=10))
    titles = await bot.publish(feed)
    await bot.run(5)
    bot.discord.requests.clear()
    bot.discord.next_sends("lost")
    titles += await bot.publish(feed)
    await bot.run(1)
    bot.discord.down()
    titles += await bot.publish(feed, 3)
    await bot.run(24 * HOUR, step=60)
    assert 20 < len(bot.discord.requests) < 200
    bot.discord.up()
    await bot.run(HOUR, step=20)
    assert bot.discord.titles(10) == titles


async def test_when_the_gateway_is_back_nothing_waits_for_its_next_attempt(bot: Bot) -> None:
    feed = await bot.feed(await bot.topic(channel=10))
    bot.discord.down()
    titles = await bot.publish(feed, 3)
    await bot.run(6 * HOUR, step=20)
    bot.discord.up()
    await bot.hearing.discord_is_back()
    await bot.run(5)
    assert bot.discord.titles(10) == titles


async def test_a_process_that_starts_in_an_outage_asks_once_and_not_once_per_channel(bot: Bot) -> None:
    for channel in CHANNELS:
        feed = await bot.feed(await bot.topic(f"t{channel}", channel=channel), url=f"https://b{channel}.example/feed")
        await bot.publish(feed)
    bot.discord.down()
    await bot.run(1)
    assert len(bot.discord.requests) == 1
    for _ in range(5):
        await bot.restart()
        await bot.run(1)
    assert len(bot.discord.requests) <= 6
    bot.discord.up()
    await bot.restart()
    await bot.run(30)
    assert sorted(len(bot.discord.titles(channel)) for channel in CHANNELS) == [1] * len(CHANNELS)


async def test_one_channel_in_which_discord_stumbles_does_not_delay_the_others(bot: Bot) -> None:
    sick, well = await bot.topic("sick", channel=10), await bot.topic("well", channel=20)
    first, second = await bot.feed(sick, url="https://a.example/"), await bot.feed(well, url="https://b.example/")
    await bot.publish(second)
    await bot.run(2)
    bot.discord.refuse(10, SendResult(SendKind.UNKNOWN, reason="Discord answered 500", answered=False))
    await bot.publish(first)
    await bot.run(HOUR, step=20)
    titles = await bot.publish(second)
    await bot.run(2)
    assert bot.discord.titles(20)[-1:] == titles
    assert not bot.traffic.in_doubt


@pytest.mark.parametrize(("named", "seconds"), [(90.0, 90.0), (None, 900.0)], ids=["as it says", "it says nothing"])
async def test_a_ban_stops_everything_as_long_as_it_lasts(bot: Bot, named: float | None, seconds: float) -> None:
    feeds = [
        await bot.feed(await bot.topic(f"t{channel}", channel=channel), url=f"https://b{channel}.example/feed")
        for channel in range(10, 15)
    ]
    bot.discord.next_sends(cloudflare(named))
    for feed in feeds:
        await bot.publish(feed)
    await bot.run(seconds - 1)
    assert len(bot.discord.requests) == 1
    await bot.run(60)
    assert [len(bot.discord.titles(channel)) for channel in range(10, 15)] == [1] * 5


async def test_a_ban_that_is_repeated_lasts_longer_each_time(bot: Bot) -> None:
    feed = await bot.feed(await bot.topic(channel=10))
    bot.discord.next_sends(*[cloudflare()] * 3)
    await bot.publish(feed)
    await bot.run(3 * HOUR, step=10)
    times = [request.at for request in bot.discord.requests if request.what == "send"]
    assert [round((later - earlier) / 900) for earlier, later in pairwise(times)] == [1, 2, 4]


async def test_a_channel_that_discord_asks_to_wait_for_waits_alone_and_as_long_as_it_says(bot: Bot) -> None:
    slow, other = await bot.topic("slow", channel=10), await bot.topic("other", channel=20)
    first, second = await bot.feed(slow, url="https://a.example/"), await bot.feed(other, url="https://b.example/")
    bot.discord.next_sends(rate_limited(1163.0))
    titles = await bot.publish(first)
    await bot.run(1)
    await bot.publish(second)
    await bot.run(1000)
    await bot.hearing.discord_is_back()
    await bot.run(100)
    assert (bot.discord.titles(10), len(bot.discord.titles(20))) == ([], 1)
    await bot.run(100)
    assert bot.discord.titles(10) == titles


async def test_a_thousand_refusals_in_ten_minutes_stop_posting_until_they_are_fewer(bot: Bot) -> None:
    feed = await bot.feed(await bot.topic(channel=10))
    for _ in range(1000):
        bot.traffic.refused(bot.clock.monotonic())
    titles = await bot.publish(feed)
    with structlog.testing.capture_logs() as lines:
        await bot.run(590)
        assert bot.discord.requests == []
        await bot.run(30)
    assert bot.discord.titles(10) == titles
    assert sum("POSTING IS STOPPED" in line["event"] for line in lines) == 1


async def test_after_the_machine_slept_it_is_looked_up_before_it_is_sent_again(bot: Bot) -> None:
    feed = await bot.feed(await bot.topic(channel=10))
    bot.discord.next_sends("lost")
    titles = await bot.publish(feed)
    await bot.run(1)
    bot.clock.suspend(8 * HOUR)
    await bot.run(10)
    assert bot.discord.titles(10) == titles


async def test_an_answer_that_was_lost_is_looked_for_before_anything_is_sent_again(bot: Bot) -> None:
    feed = await bot.feed(await bot.topic(channel=10))
    bot.discord.next_sends("lost")
    titles = await bot.publish(feed)
    await bot.run(0.5)
    await bot.restart()
    bot.clock.advance(400)
    titles += await bot.publish(feed)
    await bot.run(10)
    assert bot.discord.titles(10) == titles
    assert [request.what for request in bot.discord.requests] == ["send", "find", "send"]


async def test_a_look_up_that_is_refused_says_nothing_of_the_message(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    feed = await bot.feed(await bot.topic(channel=10))
    bot.discord.next_sends("lost")
    titles = await bot.publish(feed)
    await bot.run(0.5)
    await bot.restart()
    bot.clock.advance(400)

    async def refused(_post: object, *, after: int | None) -> SendResult:
        return SendResult(SendKind.REFUSED, reason="Discord answered 400")

    with monkeypatch.context() as patched:
        patched.setattr(bot.discord, "find", refused)
        await bot.run(60)
    await bot.run(300)
    assert bot.discord.titles(10) == titles
    assert [request.what for request in bot.discord.requests] == ["send", "find"]


async def test_what_discord_refuses_fails_alone_and_can_be_played_again(bot: Bot) -> None:
    feed = await bot.feed(await bot.topic(channel=10))
    refused = SendResult(
        SendKind.REFUSED, code=50035, named=("embeds.0.title",), reason="Discord answered 400: Invalid Form Body"
    )
    titles = await bot.publish(feed, 7)
    bot.discord.next_sends(refused, refused)
    await bot.run(10)
    assert bot.discord.titles(10) == titles[1:]
    [failed] = (await bot.store.operating.failed(None, page=1, size=5)).articles
    assert (failed.title, failed.reason) == (titles[0], refused.reason)
    assert await bot.store.operating.replay(None, failed.delivery_id)
    await bot.run(5)
    assert bot.discord.titles(10) == [*titles[1:], titles[0]]


async def test_a_refused_token_ends_the_bot(bot: Bot) -> None:
    feed = await bot.feed(await bot.topic(channel=10))
    bot.discord.next_sends(replace(rate_limited(0), kind=SendKind.UNAUTHORISED))
    await bot.publish(feed)
    await bot.deliver.round()
    await bot.deliver.close(grace_seconds=5)
    assert "unauthorised" in bot.woken


async def test_a_token_that_is_refused_while_the_channel_is_looked_at_ends_it_too(bot: Bot) -> None:
    feed = await bot.feed(await bot.topic(channel=10))
    bot.discord.obstruct_with(10, SendResult(SendKind.UNAUTHORISED, reason="Discord answered 401"))
    await bot.publish(feed)
    await bot.deliver.round()
    await bot.deliver.close(grace_seconds=5)
    assert "unauthorised" in bot.woken
    [channel] = (await bot.store.operating.overview(None, now=bot.clock.now())).channels or [None]
    assert channel is None
