"""Topics, sources, moves, pauses, failures and crashes in any order: every article is in each channel exactly once."""

import random
from collections import Counter
from dataclasses import dataclass, field

import pytest
import sqlalchemy as sa

from bot.model import ClaimedFeed, DeliveryState, DigestSchedule, SendKind, SendResult, Topic
from bot.store.posting.skipped_deliveries import OTHER_TOPIC
from bot.store.schema.tables import deliveries, entries
from tests.jobs.conftest import GUILD, Bot
from tests.jobs.discord import rate_limited
from tests.jobs.posting.test_once_per_channel import LAB, LOST, NEWS, REFUSED, TALK, edit

UNKNOWN = SendResult(SendKind.UNKNOWN, reason="no answer", answered=False)


@dataclass
class Story:
    """A server with three channels and some topics, to which anything happens."""

    bot: Bot
    dice: random.Random
    topics: list[Topic] = field(default_factory=list)
    feeds: list[ClaimedFeed] = field(default_factory=list)
    made: int = 0
    places: dict[int, set[int]] = field(default_factory=dict)
    """By topic, the channels in which it was."""
    told: list[str] = field(default_factory=list)

    async def begin(self) -> None:
        for url in ("https://a.example/feed", "https://b.example/feed"):
            self.feeds.append(await self.bot.store.feeds.ensure(url, now=self.bot.clock.now()))
        for _ in range(3):
            await self.make()

    async def make(self) -> None:
        self.made += 1
        topic = await self.bot.topic(f"topic {self.made}", channel=self.dice.choice((NEWS, TALK, LAB)))
        self.topics.append(topic)
        self.places[topic.id] = {topic.channel_id}
        for feed in self.feeds:
            if self.dice.random() < 0.8:
                await self.bot.feed(topic, url=feed.url.reveal())

    async def happen(self) -> None:
        verbs = (
            self.publish, self.publish, self.publish, self.run, self.run, self.pause, self.resume, self.pause_source,
            self.resume_source, self.move, self.move, self.move_source, self.fail, self.restart, self.subscribe,
            self.unsubscribe, self.delete, self.another, self.digest,
        )  # fmt: skip
        topic, feed, verb = self.dice.choice(self.topics), self.dice.choice(self.feeds), self.dice.choice(verbs)
        self.told.append(f"{verb.__name__} {topic.name} {feed.id}")
        await verb(topic, feed)

    async def publish(self, _topic: Topic, feed: ClaimedFeed) -> None:
        await self.bot.publish(feed, self.dice.choice((1, 1, 2, 7)))

    async def run(self, _topic: Topic, _feed: ClaimedFeed) -> None:
        await self.bot.run(self.dice.choice((0.02, 1, 20, 400)), step=5)

    async def pause(self, topic: Topic, _feed: ClaimedFeed) -> None:
        await self.bot.store.changes.pause_topic(topic.id, paused=True)

    async def resume(self, topic: Topic, _feed: ClaimedFeed) -> None:
        await self.bot.store.changes.pause_topic(topic.id, paused=False)

    async def pause_source(self, topic: Topic, feed: ClaimedFeed, *, paused: bool = True) -> None:
        now = self.bot.clock.now()
        await self.bot.store.changes.pause_source(GUILD, feed.id, paused=paused, now=now, visible={topic.id})

    async def resume_source(self, topic: Topic, feed: ClaimedFeed) -> None:
        await self.pause_source(topic, feed, paused=False)

    async def move(self, topic: Topic, _feed: ClaimedFeed) -> None:
        moved = await edit(self.bot, topic, channel=self.dice.choice((NEWS, TALK, LAB)))
        self.places[topic.id].add(moved.channel_id)

    async def move_source(self, topic: Topic, feed: ClaimedFeed) -> None:
        new, now = self.dice.choice(self.topics), self.bot.clock.now()
        if new.id != topic.id:
            await self.bot.store.relocation.move(feed.id, old_topic_id=topic.id, new_topic_id=new.id, now=now)

    async def fail(self, _topic: Topic, _feed: ClaimedFeed) -> None:
        result = self.dice.choice((rate_limited(30), LOST, REFUSED, UNKNOWN))
        if result is REFUSED:
            await self.bot.run(400, step=5)  # what has arrived is not refused
        self.bot.discord.next_sends(result)

    async def restart(self, _topic: Topic, _feed: ClaimedFeed) -> None:
        await self.bot.restart()

    async def subscribe(self, topic: Topic, feed: ClaimedFeed) -> None:
        await self.bot.feed(topic, url=feed.url.reveal())

    async def unsubscribe(self, topic: Topic, feed: ClaimedFeed) -> None:
        await self.bot.store.topics.unsubscribe(topic.id, feed.id, now=self.bot.clock.now())

    async def digest(self, topic: Topic, _feed: ClaimedFeed) -> None:
        await edit(self.bot, topic, digest=self.dice.choice((DigestSchedule.AT_ONCE, DigestSchedule.HOURLY)))

    async def another(self, _topic: Topic, _feed: ClaimedFeed) -> None:
        if len(self.topics) < 5:
            await self.make()

    async def delete(self, topic: Topic, _feed: ClaimedFeed) -> None:
        if len(self.topics) > 2:
            self.topics.remove(topic)
            await self.bot.store.topics.delete(topic.id, now=self.bot.clock.now())

    async def end(self) -> None:
        """Nothing is in the way any more."""
        self.bot.discord._next.clear()
        for topic in self.topics:
            await edit(self.bot, topic, digest=DigestSchedule.AT_ONCE)
            await self.bot.store.changes.pause_topic(topic.id, paused=False)
        for feed in self.feeds:
            await self.bot.store.changes.pause_source(GUILD, feed.id, paused=False, now=self.bot.clock.now())
        await self.bot.run(7200, step=60)

    def in_channel(self, channel: int) -> Counter[str]:
        """The articles that stand in a channel, in digests too."""
        found: Counter[str] = Counter()
        for message in self.bot.discord.in_channel(channel):
            for embed in message.shown["embeds"]:
                if embed["title"].startswith("Article "):
                    found[embed["title"]] += 1
                else:
                    lines = embed["description"].splitlines()
                    found.update(line.split("[")[1].split("]")[0] for line in lines if line.startswith("• "))
        return found


async def outcomes(bot: Bot) -> list[tuple[int, str, str, str | None]]:
    """Topic, title, state and reason of every delivery."""
    query = sa.select(deliveries.c.topic_id, entries.c.title, deliveries.c.state, deliveries.c.reason).join(
        entries, entries.c.id == deliveries.c.entry_id
    )
    async with bot.store._database.read() as connection:
        return [tuple(row) for row in (await connection.execute(query)).all()]


@pytest.mark.parametrize("seed", range(12))
async def test_whatever_happens_every_article_is_in_the_channel_exactly_once(bot: Bot, seed: int) -> None:
    story = Story(bot, random.Random(seed))
    await story.begin()
    for _ in range(40):
        await story.happen()
    await story.end()
    here = {channel: story.in_channel(channel) for channel in (NEWS, TALK, LAB)}
    for channel, titles in here.items():
        assert {title: count for title, count in titles.items() if count > 1} == {}, (channel, story.told)
    for topic_id, title, state, reason in await outcomes(bot):
        assert state not in {DeliveryState.WAITING, DeliveryState.PLANNED}, (topic_id, title, story.told)
        if state == DeliveryState.POSTED or reason == OTHER_TOPIC:
            assert any(title in here[channel] for channel in story.places[topic_id]), (
                topic_id,
                title,
                state,
                reason,
                story.told,
            )
        if state == DeliveryState.SKIPPED:
            assert reason == OTHER_TOPIC, (topic_id, title, reason, story.told)
