"""Private messages that wait: for open doors, for the hour of the digest; and what is not sent any more."""

import pytest

from bot.model import ClaimedFeed, SendKind, SendResult, Topic
from bot.posting.pacing.backoff import classify, hold_kind
from tests.jobs.club import ANN, BEN, CLOSED, Club
from tests.jobs.conftest import GUILD, Bot
from tests.jobs.discord import NO_ANSWER

DAY, WEEK = 86_400.0, 7 * 86_400.0


@pytest.fixture
def club(bot: Bot) -> Club:
    return Club(bot)


@pytest.fixture
async def topic(bot: Bot) -> Topic:
    return await bot.topic("Networks", channel=10)


@pytest.fixture
async def feed(bot: Bot, topic: Topic) -> ClaimedFeed:
    made = await bot.feed(topic)
    bot.clock.advance(60)
    return made


# --- closed private messages ----------------------------------------------------------------------------


async def test_while_messages_are_closed_articles_wait_and_all_come_when_they_are_open(
    club: Club, feed: ClaimedFeed
) -> None:
    await club.follow_source(ANN, feed)
    club.bot.discord.refuse(9000 + ANN, CLOSED)
    await club.publish(feed, "Article 1")
    await club.run()
    await club.publish(feed, "Article 2", "Article 3")
    await club.run(3 * 3600, step=300)
    person = await club.bot.store.follows.person(ANN)
    assert person is not None
    assert (person.held_since is not None, person.waiting) == (True, 3)
    assert await club.bot.store.follows.untold(ANN)
    assert await club.sends_to(ANN) == 1
    assert club.bot.discord.titles(10) == ["Article 1", "Article 2", "Article 3"], "the channel waits for nobody"
    club.bot.discord.clear(9000 + ANN)
    await club.bot.store.deliveries.probe_soon(0, now=club.bot.clock.now(), channel_id=9000 + ANN)
    await club.run()
    assert club.titles(ANN) == ["Article 1", "Article 2", "Article 3"]
    assert not await club.bot.store.follows.untold(ANN)


async def test_somebody_closed_is_tried_once_a_day_also_when_the_bot_is_started_often(
    club: Club, feed: ClaimedFeed
) -> None:
    await club.follow_source(ANN, feed)
    club.bot.discord.refuse(9000 + ANN, CLOSED)
    await club.publish(feed, "Article 1")
    await club.run()
    for _ in range(5):
        await club.restart()
        await club.run(600, step=60)
    assert await club.sends_to(ANN) == 1
    await club.run(3 * DAY + 4 * 3600, step=3600)
    assert await club.sends_to(ANN) == 4
    club.bot.discord.clear(9000 + ANN)
    await club.run(DAY + 7200, step=3600)
    assert club.titles(ANN) == ["Article 1"]


async def test_what_waited_for_more_than_a_week_becomes_a_line_that_counts(club: Club, feed: ClaimedFeed) -> None:
    await club.follow_source(ANN, feed)
    club.bot.discord.refuse(9000 + ANN, CLOSED)
    await club.publish(feed, "Article 1")
    await club.run()
    await club.publish(feed, *(f"Old {number}" for number in range(120)))
    await club.run()
    await club.run(WEEK + 7200, step=7200)
    await club.publish(feed, "Fresh")
    await club.run()
    person = await club.bot.store.follows.person(ANN)
    assert person is not None
    assert (person.waiting, person.dropped) == (2, 120)
    club.bot.discord.clear(9000 + ANN)
    await club.bot.store.deliveries.probe_soon(0, now=club.bot.clock.now(), channel_id=9000 + ANN)
    await club.run()
    assert club.titles(ANN) == ["Article 1", "Fresh"]
    assert "and 120 older articles, which waited for more than 7 days" in club.text(ANN)
    await club.publish(feed, "Later")
    await club.run()
    assert club.text(ANN).count("older articles") == 1


async def test_more_than_500_waiting_articles_are_not_kept_for_one_person(club: Club, feed: ClaimedFeed) -> None:
    await club.follow_source(ANN, feed)
    club.bot.discord.refuse(9000 + ANN, CLOSED)
    await club.publish(feed, "Article 1")
    await club.run()
    for _ in range(6):
        await club.publish(feed, *(f"Article {number}" for number in range(100)))
        await club.job.round()
    club.bot.clock.advance(4000)
    await club.job.round()
    person = await club.bot.store.follows.person(ANN)
    assert person is not None
    assert (person.waiting, person.dropped) == (501, 100)


async def test_opened_too_fast_everybody_waits_some_minutes_and_nobody_a_day(club: Club, feed: ClaimedFeed) -> None:
    for person in (ANN, BEN):
        await club.follow_source(person, feed)
    club.doors.shut = SendResult(classify(403, 40003, json_body=True), code=40003, hold=hold_kind(40003))
    await club.publish(feed, "Article 1")
    await club.job.round()
    await club.job.round()
    assert len(club.doors.opened) == 1, "whoever else has no channel yet waits with the first"
    club.doors.shut = None
    club.bot.clock.advance(6 * 60)
    await club.run()
    assert (club.titles(ANN), club.titles(BEN)) == (["Article 1"], ["Article 1"])


async def test_a_token_that_is_refused_while_a_channel_is_opened_ends_the_bot(club: Club, feed: ClaimedFeed) -> None:
    await club.follow_source(ANN, feed)
    club.doors.shut = SendResult(SendKind.UNAUTHORISED, reason="Discord answered 401")
    await club.publish(feed, "Article 1")
    await club.job.round()
    await club.job.round()
    assert "unauthorised" in club.bot.woken
    assert await club.sends_to(ANN) == 0


async def test_opening_channels_is_part_of_the_trial_after_an_outage_and_of_the_rest_before_it(
    club: Club, feed: ClaimedFeed
) -> None:
    people = [ANN, BEN, 73, 74, 75]
    for person in people:
        await club.follow_source(person, feed)
    club.doors.shut = NO_ANSWER
    await club.publish(feed, "Article 1")
    while await club.job.round() == 0:
        pass
    assert len(club.doors.opened) == 1, "nobody knows yet whether Discord answers: one request tries it"
    assert club.bot.traffic.wait_seconds(club.bot.clock.monotonic()) > 0
    await club.job.round()
    assert len(club.doors.opened) == 1
    club.doors.shut = None
    club.bot.clock.advance(900)
    await club.run()
    assert [club.titles(person) for person in people] == [["Article 1"]] * 5


async def test_a_channel_that_cannot_be_opened_is_tried_again_after_a_day(club: Club, feed: ClaimedFeed) -> None:
    await club.follow_source(ANN, feed)
    club.doors.shut = CLOSED
    await club.publish(feed, "Article 1")
    await club.run(3600, step=60)
    assert club.doors.opened == [ANN]
    club.doors.shut = None
    await club.run(DAY, step=3600)
    assert club.titles(ANN) == ["Article 1"]


# --- the digest -----------------------------------------------------------------------------------------


async def test_a_digest_is_one_message_at_the_persons_hour(club: Club, feed: ClaimedFeed) -> None:
    await club.bot.store.follows.choose(ANN, now=club.bot.clock.now(), zone="Europe/Berlin", hour=18)
    await club.follow(ANN, "bgp", daily=True)
    await club.publish(feed, "BGP 1", "Tea", "BGP 2")
    await club.run(5 * 3600 - 120, step=60)  # it is 12:01 in UTC, so 17:59 in Berlin at the end
    assert club.messages(ANN) == []
    await club.run(180, step=10)
    [message] = club.messages(ANN)
    assert message.titles == ["Your digest of 2026-01-01: 2 articles"]
    assert message.shown["embeds"][0]["description"] == (
        "**A blog**\n- [BGP 2](https://blog.example/3) · “bgp”\n- [BGP 1](https://blog.example/1) · “bgp”"
    )
    assert message.buttons == ["riverpost:mine:open:0:0"]
    await club.publish(feed, "BGP 3")
    await club.run(DAY + 1200, step=600)
    assert [each.titles[0] for each in club.messages(ANN)][1:] == ["Your digest of 2026-01-02: 1 article"]
    await club.run(2 * DAY, step=3600)
    assert len(club.messages(ANN)) == 2, "without articles there is no digest"


@pytest.mark.parametrize("arrived", [True, False], ids=["it arrived", "it did not"])
async def test_a_digest_is_known_again_in_the_history_by_its_number(
    club: Club, feed: ClaimedFeed, *, arrived: bool
) -> None:
    await club.follow_source(ANN, feed, daily=True)
    await club.publish(feed, "One")
    await club.run(DAY, step=600)
    await club.publish(feed, "Two")
    await club.run(19 * 3600, step=600)
    club.bot.discord.next_sends("lost" if arrived else NO_ANSWER)
    await club.run(3600, step=600)
    await club.restart()
    await club.run(3600, step=60)
    assert len(club.messages(ANN)) == 2
    assert await club.bot.store.posts.first_open(9000 + ANN, now=club.bot.clock.now()) is None


async def test_what_is_for_at_once_and_for_the_digest_comes_at_once_and_only_then(
    club: Club, feed: ClaimedFeed
) -> None:
    await club.follow(ANN, "bgp")
    await club.follow_source(ANN, feed, daily=True)
    await club.publish(feed, "BGP 1", "Tea")
    await club.run()
    assert club.titles(ANN) == ["BGP 1"]
    await club.run(DAY, step=600)
    assert len(club.messages(ANN)) == 2
    assert "BGP" not in club.messages(ANN)[1].shown["embeds"][0]["description"]


async def test_a_follow_that_is_changed_to_at_once_brings_what_waits(club: Club, feed: ClaimedFeed) -> None:
    number = await club.follow_source(ANN, feed, daily=True)
    await club.publish(feed, "One")
    await club.run()
    assert club.messages(ANN) == []
    assert await club.bot.store.follows.change(ANN, number, daily=False)
    await club.run()
    assert club.titles(ANN) == ["One"]


async def test_a_refused_digest_comes_in_single_articles_and_only_what_is_refused_alone_fails(
    club: Club, feed: ClaimedFeed
) -> None:
    await club.follow_source(ANN, feed, daily=True)
    await club.publish(feed, "One", "Two")
    refused = SendResult(SendKind.REFUSED, code=50035, named=("embeds.0.title",), reason="Invalid Form Body")
    club.bot.clock.advance(19 * 3600)
    await club.run(1, step=1)
    club.bot.discord.next_sends(refused, refused)
    await club.run(7200, step=60)
    assert club.titles(ANN) == ["Two"]


# --- stopping, leaving, being forgotten -----------------------------------------------------------------


async def test_what_waits_for_a_follow_that_is_stopped_does_not_come(club: Club, feed: ClaimedFeed) -> None:
    words = await club.follow(ANN, "bgp", daily=True)
    await club.follow(ANN, "tea", daily=True)
    await club.publish(feed, "BGP", "BGP and tea", "Tea")
    await club.run()
    assert await club.bot.store.follows.stop(ANN, words)
    assert not await club.bot.store.follows.stop(ANN, words)
    await club.run(DAY, step=600)
    text = club.text(ANN)
    assert ("BGP and tea" in text, "“bgp”" in text, "[BGP](" in text) == (True, False, False)


async def test_who_left_a_guild_is_sent_nothing_of_it_any_more(club: Club, feed: ClaimedFeed) -> None:
    await club.follow_source(ANN, feed)
    await club.publish(feed, "One")
    await club.run()
    club.bot.clock.advance(DAY)
    await club.publish(feed, "Two")
    await club.run()
    assert club.titles(ANN) == ["One", "Two"]
    club.viewers.left.add((GUILD, ANN))
    await club.publish(feed, "Three")
    await club.run()
    assert club.titles(ANN) == ["One", "Two", "No longer followed"]
    assert club.text(ANN).count("You are no longer in **Readers**") == 1
    assert await club.bot.store.follows.of(ANN) == ()


async def test_while_nobody_knows_who_is_in_a_guild_messages_wait(club: Club, feed: ClaimedFeed) -> None:
    await club.follow_source(ANN, feed)
    club.bot.clock.advance(2 * DAY)
    club.viewers.unknown.add(GUILD)
    await club.publish(feed, "One")
    await club.run(3600, step=60)
    assert club.messages(ANN) == []
    club.viewers.unknown.clear()
    await club.run(600, step=10)
    assert club.titles(ANN) == ["One"]


async def test_a_guild_that_removed_the_bot_holds_up_nothing_of_another(
    club: Club, bot: Bot, feed: ClaimedFeed
) -> None:
    other = await bot.feed(await bot.topic("b", channel=20, guild=2), url="https://other.example/feed")
    bot.clock.advance(60)
    await club.follow(ANN, "bgp")
    await club.follow(ANN, "bgp", guild=2)
    await bot.store.upkeep.guild_left(GUILD, now=bot.clock.now())
    club.viewers.unknown.add(GUILD)
    bot.clock.advance(2 * DAY)
    await club.publish(feed, "BGP there")
    await club.publish(other, "BGP here")
    await club.run()
    assert club.titles(ANN) == ["BGP here"]


async def test_private_messages_go_on_after_a_start_of_the_bot(club: Club, bot: Bot, feed: ClaimedFeed) -> None:
    """Private channels are of no server, so the bot cannot have been removed from theirs."""
    await club.follow_source(ANN, feed)
    await club.publish(feed, "One")
    await club.run()
    await bot.store.upkeep.guilds_are({GUILD}, now=bot.clock.now())
    await club.publish(feed, "Two")
    await club.run()
    assert club.titles(ANN) == ["One", "Two"]


async def test_whoever_is_forgotten_gets_nothing_more_and_leaves_nothing_behind(club: Club, feed: ClaimedFeed) -> None:
    await club.follow_source(8, feed)
    await club.follow_source(BEN, feed)
    await club.publish(feed, "One")
    await club.run()
    await club.publish(feed, "Two")
    await club.job.round()
    before = await club.bot.store.follows.stored(8)
    assert (before.follows, before.articles, before.sources_added) == (1, 2, 1)
    await club.bot.store.follows.forget(8)
    await club.run()
    after = await club.bot.store.follows.stored(8)
    assert (after.follows, after.articles, after.sources_added, after.topics_made) == (0, 0, 0, 0)
    assert await club.bot.store.follows.person(8) is None
    assert (club.titles(8), club.titles(BEN)) == (["One"], ["One", "Two"])
