"""Following sources: from what a person pasted to a subscription with its baseline and sample."""

from collections import deque
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Protocol

from bot.clock import Clock
from bot.errors import DiscoveryError, UserError
from bot.feeds.discover import Found
from bot.feeds.urls import canonical, normalise_source, without_credentials
from bot.model import Article, SourceStatus, Topic
from bot.services.intake import Intake
from bot.services.topics import Limits
from bot.store import Store


class Discovery(Protocol):
    """Finds the feeds of an address, see `feeds.discover`."""

    def find(self, source: str) -> Awaitable[tuple[Found, ...]]: ...


@dataclass(frozen=True, slots=True)
class Followed:
    """A topic follows a source now, or did before."""

    topic: Topic
    title: str
    url: str
    """Without credentials: it is shown."""
    newest: Article | None
    already: bool


class Following:
    """Use cases around subscriptions."""

    def __init__(self, store: Store, discovery: Discovery, intake: Intake, limits: Limits, clock: Clock) -> None:
        self._store = store
        self._discovery = discovery
        self._intake = intake
        self._limits = limits
        self._clock = clock
        self._recent: dict[int, deque[float]] = {}

    async def find(self, guild_id: int, source: str) -> tuple[Found, ...]:
        """The feeds of what a person pasted, best first.

        Raises:
            UserError: it is no address, there is no feed, or the guild follows as much as it may.
        """
        self._check_pace(guild_id)
        _, sources = await self._store.topics.counts(guild_id)
        if sources >= self._limits.sources_per_guild:
            raise UserError(
                f"This server follows {sources} sources, and that is the most it may. Remove one with /unsubscribe first."
            )
        try:
            return await self._discovery.find(normalise_source(source))
        except DiscoveryError as error:
            raise UserError(str(error)) from error

    async def follow(self, topic: Topic, found: Found, *, added_by: int) -> Followed:
        """Follow a feed that was just read; its newest articles are queued as a sample.

        The subscription is stored first, with its baseline pending, so that a crash in between loses nothing:
        the next poll sets the baseline.
        """
        now = self._clock.now()
        feed = await self._store.feeds.ensure(found.url, now=now)
        new = await self._store.topics.subscribe(topic.id, feed.id, added_by=added_by, now=now)
        await self._intake.take_in(feed, found.fetched, found.parsed)
        newest = await self._store.entries.newest(feed.id)
        return Followed(
            topic=topic,
            title=found.title,
            url=without_credentials(found.url),
            newest=newest[0] if newest else None,
            already=not new,
        )

    async def sources(self, guild_id: int, topic_id: int | None = None) -> tuple[SourceStatus, ...]:
        """What a guild, or one topic of it, follows."""
        return await self._store.topics.sources(guild_id, topic_id, now=self._clock.now())

    async def unfollow(self, topic: Topic, source: str) -> SourceStatus:
        """Stop following what a person named: the number from the menu, an address, or a title.

        Raises:
            UserError: the topic follows nothing of that name; says what it follows.
        """
        followed = await self.sources(topic.guild_id, topic.id)
        match = _chosen(followed, source)
        if match is None:
            if not followed:
                raise UserError(f"The topic “{topic.name}” follows nothing yet. Add a source with /subscribe.")
            names = ", ".join(f"“{each.title or without_credentials(each.url)}”" for each in followed[:10])
            raise UserError(f"The topic “{topic.name}” does not follow “{source[:100]}”. It follows {names}.")
        await self._store.topics.unsubscribe(topic.id, match.feed_id, now=self._clock.now())
        return match

    def _check_pace(self, guild_id: int) -> None:
        now = self._clock.monotonic()
        recent = self._recent.setdefault(guild_id, deque())
        while recent and now - recent[0] > 60:
            recent.popleft()
        if len(recent) >= self._limits.subscriptions_per_minute:
            raise UserError("That was a lot of sources within a minute. Wait a minute, then go on.")
        recent.append(now)


def _chosen(followed: tuple[SourceStatus, ...], source: str) -> SourceStatus | None:
    typed = source.strip()
    for each in followed:
        names = {str(each.feed_id), (each.title or "").casefold(), canonical(each.url), canonical(each.site_url or "-")}
        if typed.casefold() in names or canonical(typed) in names or canonical(f"https://{typed}") in names:
            return each
    return None
