"""The campaign with topics that are not plain: filters, quiet hours, digests, and sources that tell the same stories.

The reckoning knows what every article has a right to: once in its channel, or left out by the filter, or told once by
another source.
"""

import asyncio
import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from bot.feeds.identity import identify
from bot.model import DigestSchedule, MatchedEntry, TopicOptions
from bot.schedules import digest_times
from tests.builders import entry, read_outcome
from tests.wire.campaign import HOURS, Campaign, Place, Summary
from tests.wire.loopback.server import LoopbackDiscord
from tests.wire.loopback.world import Guild, Message

UNWANTED = "sponsored"
WORDS = [
    "amber",
    "bridge",
    "canal",
    "delta",
    "ember",
    "fjord",
    "glade",
    "harbour",
    "island",
    "jetty",
    "kelp",
    "lagoon",
    "meadow",
    "north",
    "orchard",
    "pier",
    "quarry",
    "river",
    "summit",
    "tide",
    "upland",
    "valley",
    "willow",
    "yard",
    "zephyr",
    "anchor",
    "basalt",
    "cedar",
    "dune",
    "eagle",
    "fern",
    "granite",
    "heron",
    "iris",
]


@dataclass
class Topic(Place):
    """A channel whose topic has two sources."""

    options: TopicOptions = field(default_factory=TopicOptions)
    filtered: bool = False
    stories: dict[str, list[str]] = field(default_factory=dict)
    """By what a story is known, the titles under which it may stand."""
    unwanted: set[str] = field(default_factory=set)

    @property
    def other_url(self) -> str:
        return self.feed_url.replace("blog", "paper")


class Crossings(Campaign):
    """A run in which each topic has some of the features, by chance."""

    async def _begin(self, server: LoopbackDiscord) -> None:
        await super()._begin(server)
        store, now = self._live().store, self._clock.now()
        for place in self._topics:
            topic = await store.topics.get(place.channel.guild_id, place.channel.name)
            assert topic is not None
            names = ("digest", "digest_minute", "quiet_from", "quiet_to")
            changed: dict[str, Any] = {name: getattr(place.options, name) for name in names}
            await store.changes.edit_topic(
                topic.id, name=None, channel_id=None, colour=None, options=changed,
                hours=digest_times.hours(replace(topic.options, **changed), now), now=now,
            )  # fmt: skip
            await store.filters.set(topic.id, None, f"-{UNWANTED}" if place.filtered else None)
            feed = await store.feeds.ensure(place.other_url, now=now)
            await store.topics.subscribe(topic.id, feed.id, added_by=None, now=now)
            await store.entries.apply(read_outcome(feed, now=now, title="The paper"))

    @property
    def _topics(self) -> list[Topic]:
        return [place for place in self._places if isinstance(place, Topic)]

    def _place(self, guild: Guild, number: int) -> Place:
        plain = super()._place(guild, number)
        options = TopicOptions()
        minutes = self._chance.randint(1, 90)  # the runs begin at midnight
        if self._chance.random() < 0.4:
            options = replace(options, digest=DigestSchedule.DAILY, digest_minute=minutes)
        if self._chance.random() < 0.4:
            options = replace(options, quiet_from=minutes // 3, quiet_to=minutes // 3 + 30)
        return Topic(plain.guild, plain.channel, plain.feed_url, options=options, filtered=self._chance.random() < 0.5)

    async def _publish(self) -> None:
        """Articles of a topic's two sources: some of them unwanted, some the same story from both, together or one later."""
        store, place = self._live().store, self._chance.choice(self._topics)
        found: dict[str, list[MatchedEntry]] = {place.feed_url: [], place.other_url: []}
        for position in range(self._chance.choice((1, 2, 3, 8))):
            self._number += 1
            tellers = self._chance.choice(([place.feed_url], [place.other_url], list(found)))
            unwanted = self._chance.random() < 0.3
            for url in tellers:
                found[url].append(self._told(place, url, position, unwanted=unwanted))
        for url, items in found.items():
            feed = await store.feeds.ensure(url, now=self._clock.now())
            await store.entries.apply(read_outcome(feed, *items, now=self._clock.now(), title=url))
        self._live().runner.wake()

    def _told(self, place: Topic, url: str, position: int, *, unwanted: bool) -> MatchedEntry:
        number, source = self._number, "paper" if url == place.other_url else "blog"
        words = [self._word(number, step) for step in range(40)]
        # Only one of two that tell it may be what the filter leaves out: then the other has to tell it.
        unwanted = unwanted and (source == "blog" or self._chance.random() < 0.5)
        title = f"Story {number} {' '.join(words[:7])}"
        text = " ".join(words) + (f" {UNWANTED}" if unwanted else "")
        guid, link = f"{source}-{number}", f"https://{source}.example/{number}"
        keys = identify.keys(guid=guid, link=link, title=title, html=text)
        made = replace(
            entry(number, published=self._clock.now(), position=position), keys=keys, guid=guid, link=link, title=title,
            summary_html=text, text=text,
        )  # fmt: skip
        story = place.stories.setdefault(f"Story {number} ", [])
        if not (unwanted and place.filtered):
            story.append(link)
        else:
            place.unwanted.add(link)
        return MatchedEntry(entry=made, uid=guid, known_id=None)

    @staticmethod
    def _word(number: int, step: int) -> str:
        """Every story in words of its own."""
        return f"{WORDS[(number * 7 + step * 5) % len(WORDS)]}{number}{step}"

    async def _peace(self, server: LoopbackDiscord, guilds: list[Guild]) -> None:
        """The hours up to the next digests pass without the bot, which is quick; what came meanwhile is not missed."""
        if any(place.options.digest is not DigestSchedule.AT_ONCE for place in self._topics):
            self._kills = 0
            server.faults.script = None
            await self._mend(server, guilds)
            await self._wait(server, 120.0)
            await self._live().die()
            await asyncio.sleep(20 * HOURS)
            self._alive = await self._born(server)
        await super()._peace(server, guilds)

    def _reckon_place(self, place: Place, made: Summary) -> None:
        assert isinstance(place, Topic)
        shown = _links(message for message in place.messages() if not message.deleted)
        removed = _links(message for message in place.messages() if message.deleted)
        for story, links in place.stories.items():
            times = sum(shown[link] for link in links)
            made.counts["articles"] += 1
            made.counts["left out"] += not links
            made.counts["told by two"] += len(links) == 2
            if times > 1:
                made.counts["duplicates"] += 1
                made.problems.append(f"seed {self.seed}: {story}is {times} times in {place.channel.name}")
            if links and times == 0 and not any(removed[link] for link in links):
                made.counts["lost"] += 1
                made.problems.append(f"seed {self.seed}: {story}is not in {place.channel.name}")
        if wrong := place.unwanted & shown.keys():
            made.problems.append(f"seed {self.seed}: {place.channel.name} has {wrong}, which its filter does not want")
        footers = [embed.get("footer", {}).get("text", "") for m in place.messages() for embed in m.embeds]
        made.counts["digests"] += sum("digest" in text for text in footers)
        made.counts["named"] += sum("also in" in text for text in footers)
        made.counts["rows"] += sum(bool(message.components) for message in place.messages())


def _links(messages: Iterable[Message]) -> Counter[str]:
    """How many messages show each article."""
    texts = (json.dumps(message.embeds) for message in messages)
    return Counter(link for text in texts for link in set(re.findall(r"https://(?:blog|paper)\.example/\d+", text)))
