"""What persons follow comes as private messages: each article once, whatever happens between; held while they are closed."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from bot.jobs.personal import PersonalJob
from bot.model import FeedDue, FollowKind, HoldKind, Identified, SendKind, SendResult, Topic, Wish
from tests.builders import new, read_outcome
from tests.jobs.conftest import GUILD, Bot
from tests.jobs.discord import NO_ANSWER, Message

ANN, BEN = 71, 72
DAY, WEEK = 86_400.0, 7 * 86_400.0
CLOSED = SendResult(SendKind.NO_ACCESS, code=50007, reason="Cannot send messages to this user", hold=HoldKind.CLOSED)


@dataclass
class FakeDoors:
    """Opens a private channel with everybody, whose id is the person's and 9000; knows who left a guild."""

    opened: list[int] = field(default_factory=list)
    shut: SendResult | None = None
    left: set[tuple[int, int]] = field(default_factory=set)
    unknown: set[int] = field(default_factory=set)
    asked: int = 0

    async def open(self, user_id: int) -> int | SendResult:
        self.opened.append(user_id)
        return self.shut or 9000 + user_id

    async def is_member(self, guild_id: int, user_id: int) -> bool | None:
        self.asked += 1
        return None if guild_id in self.unknown else (guild_id, user_id) not in self.left


@dataclass
class Club:
    """A bot with the loop for persons beside the others."""

    bot: Bot
    doors: FakeDoors

    def __post_init__(self) -> None:
        self._make()

    def _make(self) -> None:
        bot = self.bot
        self.job = PersonalJob(
            bot.store, bot.discord, self.doors, bot.traffic, bot.clock, on_queued=lambda: bot.woken.append("deliver")
        )

    async def restart(self) -> None:
        await self.bot.restart()
        self._make()

    async def run(self, seconds: float = 10.0, *, step: float = 2.0) -> None:
        """Both loops for so long."""
        end = self.bot.clock.monotonic() + seconds
        while self.bot.clock.monotonic() < end:
            while await self.job.round() == 0:
                pass
            await self.bot.run(min(step, end - self.bot.clock.monotonic()), step=step)

    async def follow(self, person: int, words: str, *, guild: int = GUILD, daily: bool = False) -> int:
        wish = Wish(FollowKind.WORDS, daily, words=words)
        made, _ = await self.bot.store.follows.add(person, guild, wish, now=self.bot.clock.now())
        return made.id

    async def follow_source(self, person: int, feed: FeedDue, *, daily: bool = False) -> int:
        wish = Wish(FollowKind.SOURCE, daily, feed_id=feed.id)
        made, _ = await self.bot.store.follows.add(person, GUILD, wish, now=self.bot.clock.now())
        return made.id

    async def follow_topic(self, person: int, topic: Topic) -> int:
        wish = Wish(FollowKind.TOPIC, daily=False, topic_id=topic.id)
        made, _ = await self.bot.store.follows.add(person, GUILD, wish, now=self.bot.clock.now())
        return made.id

    async def publish(self, feed: FeedDue, *titles: str) -> None:
        """New articles with these titles, the oldest first."""
        made: list[Identified] = []
        for title in titles:
            self.bot.number += 1
            now = self.bot.clock.now()
            made.append(new(self.bot.number, published=now, title=title, position=len(titles) - len(made)))
        await self.bot.store.entries.apply(read_outcome(feed, *reversed(made), now=self.bot.clock.now()))

    def messages(self, person: int) -> Sequence[Message]:
        return self.bot.discord.in_channel(9000 + person)

    def titles(self, person: int) -> list[str]:
        return self.bot.discord.titles(9000 + person)

    def text(self, person: int) -> str:
        """All that a person was sent."""
        shown = [message.shown for message in self.messages(person)]
        return "\n".join(
            str(part)
            for body in shown
            for part in (
                body.get("content", ""),
                *(f"{e.get('description')}\n{e.get('footer')}" for e in body["embeds"]),
            )
        )

    async def sends_to(self, person: int) -> int:
        return sum(1 for each in self.bot.discord.requests if each.what == "send" and each.channel_id == 9000 + person)


@pytest.fixture
def club(bot: Bot) -> Club:
    return Club(bot, FakeDoors())


@pytest.fixture
async def topic(bot: Bot) -> Topic:
    return await bot.topic("Networks", channel=10)


@pytest.fixture
async def feed(bot: Bot, topic: Topic) -> FeedDue:
    made = await bot.feed(topic)
    bot.clock.advance(60)
    return made


# --- what comes, and why -------------------------------------------------------------------------------


async def test_what_matches_words_comes_once_and_says_why(club: Club, feed: FeedDue) -> None:
    await club.follow(ANN, "bgp")
    await club.publish(feed, "BGP for beginners", "Tea for two")
    await club.run()
    assert club.titles(ANN) == ["BGP for beginners"]
    [message] = club.messages(ANN)
    assert message.shown["embeds"][0]["footer"]["text"] == "matches “bgp”"
    await club.publish(feed, "More BGP")
    await club.run()
    assert club.titles(ANN) == ["BGP for beginners", "More BGP"]
    assert club.doors.opened == [ANN], "the private channel is opened once and remembered"


async def test_an_article_of_two_follows_comes_once_with_both_reasons(club: Club, feed: FeedDue, topic: Topic) -> None:
    await club.follow(ANN, "bgp")
    await club.follow_source(ANN, feed)
    await club.follow_topic(BEN, topic)
    await club.publish(feed, "BGP for beginners")
    await club.run()
    assert club.titles(ANN) == ["BGP for beginners"]
    assert "matches “bgp”, A blog" in club.text(ANN)
    assert "you follow the topic Networks" in club.text(BEN)


async def test_the_same_article_in_two_topics_of_a_guild_comes_once(club: Club, bot: Bot) -> None:
    feed = await bot.feed(await bot.topic("a", channel=10), await bot.topic("b", channel=11))
    bot.clock.advance(60)
    await club.follow(ANN, "bgp")
    await club.publish(feed, "BGP for beginners")
    await club.run()
    assert club.titles(ANN) == ["BGP for beginners"]


async def test_nobody_sees_what_another_guild_follows(club: Club, bot: Bot, feed: FeedDue) -> None:
    other = await bot.feed(await bot.topic("secret", channel=20, guild=2), url="https://secret.example/feed")
    bot.clock.advance(60)
    await club.follow(ANN, "bgp")
    await club.follow(BEN, "bgp", guild=2)
    await club.publish(feed, "BGP here")
    await club.publish(other, "BGP there")
    await club.run()
    assert (club.titles(ANN), club.titles(BEN)) == (["BGP here"], ["BGP there"])


async def test_a_sample_an_archive_and_what_came_before_the_follow_are_not_new(club: Club, bot: Bot) -> None:
    topic = await bot.topic("a", channel=10)
    feed = await bot.store.feeds.ensure("https://blog.example/feed", now=bot.clock.now())
    await bot.store.topics.subscribe(topic.id, feed.id, added_by=None, now=bot.clock.now())
    await club.publish(feed, "BGP as a sample")
    bot.clock.advance(60)
    await club.publish(feed, "BGP before")
    await club.run()
    await club.follow(ANN, "bgp")
    old = [replace(new(number, title=f"BGP {number}"), skip_reason="archive") for number in range(900, 920)]
    await bot.store.entries.apply(read_outcome(feed, *old, now=bot.clock.now()))
    await club.publish(feed, "BGP after")
    await club.run()
    assert club.titles(ANN) == ["BGP after"]


async def test_ten_articles_share_a_message(club: Club, feed: FeedDue) -> None:
    await club.follow_source(ANN, feed)
    names = [f"Article {number}" for number in range(13)]
    await club.publish(feed, *names)
    await club.run(20)
    assert club.titles(ANN) == names
    assert [len(message.titles) for message in club.messages(ANN)] == [10, 3]


async def test_very_many_at_once_come_as_a_list(club: Club, feed: FeedDue) -> None:
    await club.follow_source(ANN, feed)
    await club.publish(feed, *(f"A title that is neither long nor short, number {number}" for number in range(100)))
    await club.run(20)
    [message] = club.messages(ANN)
    assert message.shown["embeds"][0]["title"] == "100 articles came for you"
    text = club.text(ANN)
    assert "number 99]" in text
    listed = text.count("](https://blog.example/")
    assert 30 < listed < 100
    assert f"and {100 - listed} more articles" in text


# --- exactly once ---------------------------------------------------------------------------------------


async def test_a_crash_at_any_step_before_sending_loses_and_repeats_nothing(club: Club, feed: FeedDue) -> None:
    await club.follow(ANN, "bgp")
    await club.publish(feed, "BGP 1")
    await club.restart()
    await club.job.round()
    await club.restart()
    await club.publish(feed, "BGP 2")
    await club.job.round()
    await club.restart()
    await club.run()
    assert club.titles(ANN) == ["BGP 1", "BGP 2"]


@pytest.mark.parametrize("arrived", [True, False], ids=["it arrived", "it did not"])
async def test_a_message_whose_answer_was_lost_is_looked_for_after_a_crash(
    club: Club, feed: FeedDue, *, arrived: bool
) -> None:
    await club.follow(ANN, "bgp")
    await club.bot.run(2)
    await club.publish(feed, "BGP 1")
    await club.bot.run(2)
    await club.job.round()
    club.bot.discord.next_sends("lost" if arrived else NO_ANSWER)
    await club.bot.run(0.5)
    club.bot.clock.advance(1000)
    await club.restart()
    await club.run(30)
    assert club.titles(ANN) == ["BGP 1"]
    whats = [each.what for each in club.bot.discord.requests if each.channel_id == 9000 + ANN]
    assert whats == (["send", "find"] if arrived else ["send", "find", "send"])


async def test_ids_that_sqlite_gives_again_hide_nothing_that_is_new(club: Club, bot: Bot, feed: FeedDue) -> None:
    doomed = await bot.topic("doomed", channel=11)
    other = await bot.feed(doomed, url="https://other.example/feed")
    bot.clock.advance(60)
    await club.follow(ANN, "bgp")
    await club.publish(other, "Tea 1", "Tea 2", "Tea 3")
    await club.run()
    await bot.store.topics.delete(doomed.id, now=bot.clock.now())
    await club.publish(feed, "BGP 1")
    await club.run()
    assert club.titles(ANN) == ["BGP 1"]


async def test_rows_that_changed_between_looking_and_taking_are_looked_at_again(
    club: Club, bot: Bot, feed: FeedDue
) -> None:
    doomed = await bot.topic("doomed", channel=11)
    other = await bot.feed(doomed, url="https://other.example/feed")
    bot.clock.advance(60)
    await club.follow(ANN, "bgp")
    await club.publish(other, "Tea 1")
    cursor, _, _ = await bot.store.matching.new()
    await bot.store.topics.delete(doomed.id, now=bot.clock.now())
    await club.publish(feed, "BGP 1")
    assert not await bot.store.matching.take([], cursor, now=bot.clock.now())
    await club.run()
    assert club.titles(ANN) == ["BGP 1"]


# --- closed private messages ----------------------------------------------------------------------------


async def test_while_messages_are_closed_articles_wait_and_all_come_when_they_are_open(
    club: Club, feed: FeedDue
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
    club: Club, feed: FeedDue
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


async def test_what_waited_for_more_than_a_week_becomes_a_line_that_counts(club: Club, feed: FeedDue) -> None:
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


async def test_more_than_500_waiting_articles_are_not_kept_for_one_person(club: Club, feed: FeedDue) -> None:
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


async def test_a_channel_that_cannot_be_opened_is_tried_again_after_a_day(club: Club, feed: FeedDue) -> None:
    await club.follow_source(ANN, feed)
    club.doors.shut = CLOSED
    await club.publish(feed, "Article 1")
    await club.run(3600, step=60)
    assert club.doors.opened == [ANN]
    club.doors.shut = None
    await club.run(DAY, step=3600)
    assert club.titles(ANN) == ["Article 1"]


# --- the digest -----------------------------------------------------------------------------------------


async def test_a_digest_is_one_message_at_the_persons_hour(club: Club, feed: FeedDue) -> None:
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
    club: Club, feed: FeedDue, *, arrived: bool
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


async def test_what_is_for_at_once_and_for_the_digest_comes_at_once_and_only_then(club: Club, feed: FeedDue) -> None:
    await club.follow(ANN, "bgp")
    await club.follow_source(ANN, feed, daily=True)
    await club.publish(feed, "BGP 1", "Tea")
    await club.run()
    assert club.titles(ANN) == ["BGP 1"]
    await club.run(DAY, step=600)
    assert len(club.messages(ANN)) == 2
    assert "BGP" not in club.messages(ANN)[1].shown["embeds"][0]["description"]


async def test_a_follow_that_is_changed_to_at_once_brings_what_waits(club: Club, feed: FeedDue) -> None:
    number = await club.follow_source(ANN, feed, daily=True)
    await club.publish(feed, "One")
    await club.run()
    assert club.messages(ANN) == []
    assert await club.bot.store.follows.change(ANN, number, daily=False)
    await club.run()
    assert club.titles(ANN) == ["One"]


async def test_a_refused_digest_comes_in_single_articles_and_only_what_is_refused_alone_fails(
    club: Club, feed: FeedDue
) -> None:
    await club.follow_source(ANN, feed, daily=True)
    await club.publish(feed, "One", "Two")
    refused = SendResult(SendKind.REFUSED, code=50035, reason="Invalid Form Body")
    club.bot.clock.advance(19 * 3600)
    await club.run(1, step=1)
    club.bot.discord.next_sends(refused, refused)
    await club.run(7200, step=60)
    assert club.titles(ANN) == ["Two"]


# --- stopping, leaving, being forgotten -----------------------------------------------------------------


async def test_what_waits_for_a_follow_that_is_stopped_does_not_come(club: Club, feed: FeedDue) -> None:
    words = await club.follow(ANN, "bgp", daily=True)
    await club.follow(ANN, "tea", daily=True)
    await club.publish(feed, "BGP", "BGP and tea", "Tea")
    await club.run()
    assert await club.bot.store.follows.stop(ANN, words)
    assert not await club.bot.store.follows.stop(ANN, words)
    await club.run(DAY, step=600)
    text = club.text(ANN)
    assert ("BGP and tea" in text, "“bgp”" in text, "[BGP](" in text) == (True, False, False)


async def test_who_left_a_guild_is_sent_nothing_of_it_any_more(club: Club, feed: FeedDue) -> None:
    await club.follow_source(ANN, feed)
    await club.publish(feed, "One")
    await club.run()
    club.bot.clock.advance(DAY)
    await club.publish(feed, "Two")
    await club.run()
    assert (club.titles(ANN), club.doors.asked) == (["One", "Two"], 1)
    club.doors.left.add((GUILD, ANN))
    club.bot.clock.advance(DAY)
    await club.publish(feed, "Three")
    await club.run()
    assert club.titles(ANN) == ["One", "Two"]
    assert await club.bot.store.follows.of(ANN) == ()


async def test_while_nobody_knows_who_is_in_a_guild_messages_wait(club: Club, feed: FeedDue) -> None:
    await club.follow_source(ANN, feed)
    club.bot.clock.advance(2 * DAY)
    club.doors.unknown.add(GUILD)
    await club.publish(feed, "One")
    await club.run(3600, step=60)
    assert club.messages(ANN) == []
    club.doors.unknown.clear()
    await club.run(600, step=10)
    assert club.titles(ANN) == ["One"]


async def test_whoever_is_forgotten_gets_nothing_more_and_leaves_nothing_behind(club: Club, feed: FeedDue) -> None:
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
