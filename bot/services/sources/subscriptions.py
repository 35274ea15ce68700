"""Following sources: from what a person typed to a subscription, and back."""

import asyncio
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from bot import logs
from bot.addresses import shown
from bot.clock import Clock
from bot.config.settings import LimitsSettings
from bot.errors import DiscoveryError, FeedError, NoRoom, UserError
from bot.feeds.discovery.ranking import Found
from bot.feeds.fairness.tenants import working_for
from bot.i18n.translation import _, many
from bot.model import Article, FetchAddress, SourceStatus, Topic, Viewer
from bot.services.limits.concurrency import Turns
from bot.services.limits.rate_limit import MINUTE, RateLimit
from bot.services.sources.ingest import Ingest
from bot.services.sources.source_lookup import names_of, the_source, title_of
from bot.services.topics import name_search
from bot.services.topics.topics import SUGGESTIONS, topic_named, unknown_topic
from bot.store import Store
from bot.url_normalisation import canonical, normalise_source, split_credentials

log = logs.get(__name__)

MAX_CONCURRENT = 20
"""Addresses in one command: its answer must come while Discord waits for it, and fit into a message."""
AT_ONCE = 5
_BETWEEN = re.compile(r"[\s,;]+")


class Finder(Protocol):
    """Finds feeds at an address, see `feeds.discovery.feed_finder.Discovery`."""

    async def find(self, source: str) -> tuple[Found, ...]: ...


@dataclass(frozen=True, slots=True)
class Followed:
    """A source that a topic follows now. Its address is safe to show."""

    topic: Topic
    title: str
    url: str
    newest: Article | None
    already: bool
    """The topic followed it before."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A feed to choose. Its document is not kept while somebody thinks about it: it may have megabytes."""

    url: FetchAddress
    title: str
    entries: int


@dataclass(frozen=True, slots=True)
class Choices:
    """Several feeds were found: a person chooses one for `Following.choose`."""

    topic: Topic
    found: tuple[Offer, ...]


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of one of several addresses; the address is safe to show."""

    source: str
    answer: Followed | Choices | None
    problem: str | None
    """Why there is no answer, in words that can be shown."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A source to pick from a list; `feed_id` stands for it in later calls."""

    feed_id: int
    label: str


def addresses_in(text: str) -> tuple[str, ...]:
    """The addresses that a person typed, each once: between spaces, commas or lines.

    One alone stays as it was typed, whatever it is; a comma inside of an address ends it only before another one.
    """
    parts = [part.strip("<>") for part in _BETWEEN.split(text.strip()) if part.strip("<>")]
    if len(parts) < 2:
        return (text.strip(),)
    # A slip among clear addresses shall not keep the others from being tried.
    clear = sum("://" in part for part in parts)
    if clear < 2 and not all("." in part or "://" in part for part in parts):
        return (text.strip(),)
    if "://" in text and not any("://" in part for part in parts[1:]):
        return (text.strip(),) if not re.search(r"[\s;]", text.strip()) else tuple(dict.fromkeys(parts))
    return tuple(dict.fromkeys(parts))


class Following:
    """What can be done with sources. Every method raises `UserError` for what a person can put right."""

    def __init__(self, store: Store, discovery: Finder, intake: Ingest, limits: LimitsSettings, clock: Clock) -> None:
        self._store = store
        self._discovery = discovery
        self._intake = intake
        self._limits = limits
        self._clock = clock
        self._pace = RateLimit(limits.subscriptions_per_minute, MINUTE, clock)
        self._suggesting = Turns(limits)

    async def subscribe(self, *, viewer: Viewer, topic: str, source: str, added_by: int | None) -> Followed | Choices:
        """Look for feeds at `source`; one is followed at once, several are handed back to choose from.

        Takes up to 15 seconds. Cancelling leaves at most a subscription whose first poll is still to come.
        """
        target = await topic_named(self._store, viewer, topic)
        address = normalise_source(source)
        # What the topic has already needs no host, which may rest or fail just now.
        there = await self._already(target, address)
        if there is not None:
            return there
        # Each costs other people's hosts a few fetches, whatever comes of it.
        if self._pace.take(viewer.guild_id) > 0:
            raise UserError(_("That was a lot of sources within a minute. Wait a minute, then go on."))
        try:
            with working_for(viewer.guild_id, for_person=True):
                found = await self._discovery.find(address)
        except FeedError as error:
            raise UserError(str(error)) from error
        if len(found) > 1:
            return Choices(target, tuple(Offer(each.url, each.title, each.entries) for each in found))
        return await self.follow(target, found[0], added_by=added_by)

    async def subscribe_each(
        self, *, viewer: Viewer, topic: str, sources: Sequence[str], added_by: int | None
    ) -> tuple[Tried, ...]:
        """`subscribe` for several addresses, a few at once; what goes wrong with one is told with it.

        Several feeds at an address are not chosen from. Takes up to 15 seconds for each `AT_ONCE` addresses.

        Raises:
            UserError: there is no such topic, or there are too many addresses.
        """
        if len(sources) > MAX_CONCURRENT:
            raise UserError(
                _("You gave {count} addresses; I take up to {limit} at once. For more, use /import.").format(
                    count=len(sources), limit=MAX_CONCURRENT
                )
            )
        await topic_named(self._store, viewer, topic)
        room = asyncio.Semaphore(AT_ONCE)

        async def one(source: str) -> Tried:
            async with room:
                try:
                    answer = await self.subscribe(viewer=viewer, topic=topic, source=source, added_by=added_by)
                except UserError as error:
                    cause = error.__cause__
                    return Tried(
                        shown(source), None, cause.in_bulk if isinstance(cause, DiscoveryError) else str(error)
                    )
                except Exception:
                    # The others go on, and their answers are told.
                    log.exception("an address of several could not be followed", guild=viewer.guild_id)
                    return Tried(shown(source), None, _("Something went wrong with it. Try it alone."))
                return Tried(shown(source), answer, None)

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(source)) for source in sources]
        return tuple(task.result() for task in tasks)

    async def choose(self, topic: Topic, offer: Offer, *, added_by: int | None) -> Followed:
        """Follow what was offered; it is read again, as it is now. Takes up to 15 seconds."""
        try:
            with working_for(topic.guild_id, for_person=True):
                found = await self._discovery.find(offer.url.reveal())
        except FeedError as error:
            raise UserError(str(error)) from error
        return await self.follow(
            topic, next((each for each in found if each.url == offer.url), found[0]), added_by=added_by
        )

    async def follow(self, topic: Topic, found: Found, *, added_by: int | None) -> Followed:
        """Follow a feed that was found, and take in what it lists."""
        # Whoever chose from a menu may have waited: the topic and the room for a source are checked again.
        current = await self._store.topics.get(topic.guild_id, topic.name)
        if current is None or current.id != topic.id:
            raise unknown_topic(topic.name)  # it was deleted, and another one made under its name
        now = self._clock.now()
        sources = await self._store.topics.sources(topic.guild_id, now=now)
        url = _known_address(found.url, (source.url for source in sources))
        if not any(source.url == url for source in sources):
            await self._check_sources(topic.guild_id)
        if await self._store.amounts.is_over(topic.guild_id, now=now):
            raise no_storage_left()
        feed = await self._store.feeds.ensure(url, now=now)
        # First the subscription: what the document lists then becomes its baseline, and the sample is queued.
        try:
            added = await self._store.topics.subscribe(
                current.id,
                feed.id,
                added_by=added_by,
                limit=self._limits.sources_per_guild,
                subscription_limit=self._limits.subscriptions_per_guild,
                now=now,
            )
        except NoRoom as error:
            # Others were followed since it was looked whether there is room.
            raise (no_sources_left if error.what == "sources" else no_subscriptions_left)(error.count) from error
        if added:
            await self._intake.take_in(feed, found.fetched, found.parsed)
        newest = await self._store.entries.newest(feed.id, 1)
        given = (await self._store.names.of(topic.guild_id)).get(feed.id)
        title = given or found.parsed.title or url.site
        article = replace(newest[0], source_title=given or newest[0].source_title) if newest else None
        return Followed(current, title, url.shown, article, not added)

    async def unsubscribe(self, target: Topic, source: str) -> SourceStatus:
        """Stop following. `source` is a feed's id from `suggest`, its title, or its address or its site's."""
        now = self._clock.now()
        sources = await self._store.topics.sources(target.guild_id, target.id, now=now)
        found = the_source(sources, source, topic=target.name)
        await self._store.topics.unsubscribe(target.id, found[0].feed_id, now=now)
        return found[0]

    async def sources(self, viewer: Viewer, topic: str | None = None) -> tuple[SourceStatus, ...]:
        """What is followed in the topics that a person may see, or in one of them; by topic and title."""
        target = await topic_named(self._store, viewer, topic) if topic is not None else None
        return await self._store.topics.sources(
            viewer.guild_id, target.id if target else None, now=self._clock.now(), visible=viewer.topics
        )

    async def suggest(self, viewer: Viewer, typed: str, topic: str | None = None) -> tuple[Suggestion, ...]:
        """Up to 25 sources whose title or address contains what was typed; of all topics if `topic` is unknown.

        Those come first whose title is what was typed, then those that begin so, last those whose address holds it.

        Raises:
            UserError: the person, or the whole server, types faster than is looked up.
        """
        target = await self._store.topics.get(viewer.guild_id, topic) if topic else None
        chosen = target.id if target is not None and target.id in viewer.topics else None
        async with self._suggesting.take(viewer.guild_id, viewer.user_id):
            sources = await self._store.topics.sources(
                viewer.guild_id, chosen, now=self._clock.now(), visible=viewer.topics
            )
        labels: dict[int, str] = {}
        # Never by the whole address: what is typed bit by bit would spell its secrets out.
        for source in name_search.suggested(sources, typed, names_of, lambda each: (each.url.shown,)):
            site = source.url.site
            labels.setdefault(source.feed_id, f"{source.title} ({site})" if source.title else site)
        counts = Counter(labels.values())
        return tuple(
            Suggestion(feed_id, f"{label} · {feed_id}" if counts[label] > 1 else label)
            for feed_id, label in labels.items()
        )[:SUGGESTIONS]

    async def _already(self, topic: Topic, address: str) -> Followed | None:
        """The source of the topic that has exactly this address."""
        key = key_of(FetchAddress(address))
        sources = await self._store.topics.sources(topic.guild_id, topic.id, now=self._clock.now())
        there = next((each for each in sources if key_of(each.url) == key), None)
        if there is None:
            return None
        newest = await self._store.entries.newest(there.feed_id, 1)
        article = replace(newest[0], source_title=title_of(there)) if newest else None
        return Followed(topic, title_of(there), there.url.shown, article, already=True)

    async def _check_sources(self, guild_id: int) -> None:
        _topics, sources = await self._store.topics.counts(guild_id)
        if sources >= self._limits.sources_per_guild:
            raise no_sources_left(sources)


def no_sources_left(sources: int) -> UserError:
    """What is said where a server follows as many sources as it may."""
    return UserError(
        many(
            "This server already has {n} source, which is the limit. Remove it with /unsubscribe first.",
            "This server already has {n} sources, which is the limit. Remove one with /unsubscribe first.",
            sources,
        )
    )


def no_storage_left() -> UserError:
    """What is said where a server's sources brought as much today as they may."""
    return UserError(
        _("This server's sources brought more today than they may. New ones can be subscribed to tomorrow (UTC).")
    )


def no_subscriptions_left(count: int) -> UserError:
    """What is said where a server has as many subscriptions as it may have."""
    return UserError(
        many(
            "This server has {n} subscription already (each topic counts each of its sources), which is the limit. "
            "Remove one with /unsubscribe first.",
            "This server has {n} subscriptions already (each topic counts each of its sources), which is the limit. "
            "Remove some with /unsubscribe first.",
            count,
        )
    )


def _known_address(url: FetchAddress, known: Iterable[FetchAddress]) -> FetchAddress:
    """The address under which the guild follows this feed already, else the given one; credentials count."""
    key = key_of(url)
    return next((other for other in known if key_of(other) == key), url)


def key_of(address: FetchAddress) -> tuple[str, tuple[str, str] | None]:
    """What two addresses of one feed have in common: all but their spelling."""
    url = address.reveal()
    return canonical(url), split_credentials(url)[1]
