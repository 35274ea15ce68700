"""Taking a document in: what is known, what it means, one transaction. Polls and /subscribe share it."""

from collections.abc import Sequence
from dataclasses import replace

from bot.clock import Clock
from bot.feeds.identity import identify
from bot.feeds.images.channel_art import without_decoration
from bot.feeds.incremental import new_entries
from bot.feeds.incremental.item_scanner import Item
from bot.feeds.incremental.new_entries import Parser
from bot.feeds.parsing.secret_removal import scrubbed_beside
from bot.feeds.scheduling import poll_outcome
from bot.feeds.scheduling.poll_budget import PriceKeeper
from bot.feeds.scheduling.poll_interval import PollingSettings
from bot.model import (
    ClaimedFeed,
    Entry,
    FeedOutcome,
    FetchAddress,
    Fetched,
    Meeting,
    ParsedFeed,
    StoredEntry,
    UnchangedEntry,
)
from bot.services.sources.article_images import ArticleImageFinder
from bot.store import Store

READ_IN_FULL = 5
"""Entries of a new feed that are read in full, though fewer may be posted: people look at them in /latest."""


MAX_FORMERS, MAX_COMPARED = 20, 5_000
"""Feeds that moved here with which a document is compared as closely as with its own, and entries in all: others by uid."""
READ_FOR_MOVED = 50
"""The same where a feed moved to an address that nobody followed: what it had not listed yet is posted."""


class Ingest:
    """Stores what a document lists, and queues what is new for every topic that follows the feed."""

    def __init__(
        self,
        store: Store,
        polling: PollingSettings,
        clock: Clock,
        *,
        illustrator: ArticleImageFinder | None = None,
        prices: PriceKeeper | None = None,
    ) -> None:
        """Without an illustrator, nobody looks for pictures that a feed lacks; without a price keeper, polls have the usual price."""
        self._store = store
        self._polling = polling
        self._clock = clock
        self._illustrator = illustrator
        self._prices = prices

    async def read(self, feed: ClaimedFeed, fetched: Fetched, parser: Parser) -> FeedOutcome:
        """What a document that was fetched means; nothing is stored yet. Only entries that the store lacks are parsed.

        Raises:
            ParseError: it is no feed, or took too long.
            StoreError: the database could not be read.
        """
        if not feed.has_entries:
            posted = max(1, await self._store.entries.largest_sample(feed.id))
            if feed.has_formers:
                posted = max(posted, READ_FOR_MOVED)  # what they were not told yet is posted
            newest = max(READ_IN_FULL, posted)
            listing = await new_entries.read_first(parser, fetched, newest=newest, posted=posted)
            return await self._outcome(feed, fetched, listing.parsed, listing.listed, patient=True)
        items = await parser.scan(fetched.body)
        recognised = await self._recognise(feed, fetched, items)
        if items and len(recognised) == len(items):
            return poll_outcome.nothing_new(feed, fetched, recognised, **self._moment(), price=self._price(feed))
        listing = await new_entries.read(parser, fetched, items, recognised)
        return await self._outcome(feed, fetched, listing.parsed, listing.listed, patient=True)

    async def _outcome(
        self,
        feed: ClaimedFeed,
        fetched: Fetched,
        parsed: ParsedFeed,
        listed: Sequence[Entry | UnchangedEntry],
        *,
        patient: bool,
        illustrated: bool = True,
    ) -> FeedOutcome:
        parsed = await scrubbed_beside(parsed, [feed.url, *fetched.asked])
        parsed = without_decoration(parsed, fetched.body, feed.icon_url)
        read = {entry.position: entry for entry in parsed.entries}
        listed = [read[each.position] if isinstance(each, Entry) else each for each in listed]
        known, last_listed = await self._known(feed, listed, patient=patient)
        outcome = poll_outcome.read(
            feed,
            fetched,
            parsed,
            identify.identify(listed, known, listed=last_listed),
            **self._moment(),
            price=self._price(feed),
        )
        if outcome.moved_to is not None:
            outcome = replace(outcome, meeting=await self._meeting(outcome.moved_to, parsed))
        if feed.has_formers and outcome.new:
            outcome = replace(outcome, formers=await self._as_formers_know(feed, listed))
        # Before the transaction: if the process ends here, the feed is still due and nothing was remembered.
        if self._illustrator is None or not illustrated:
            return outcome
        return await self._illustrator.illustrate(feed, outcome)

    async def _known(
        self, feed: ClaimedFeed, listed: Sequence[Entry | UnchangedEntry], *, patient: bool
    ) -> tuple[Sequence[StoredEntry], frozenset[int]]:
        # Whatever is stored of a new feed meanwhile is noticed when this is stored: it has the same uids.
        if not feed.has_entries:
            return (), frozenset()
        return await self._store.entries.known(feed.id, [each.keys for each in listed], patient=patient)

    async def _meeting(self, url: FetchAddress, parsed: ParsedFeed) -> Meeting | None:
        other = await self._store.feeds.at(url)
        if other is None:
            return None
        newest = await self._store.feeds.newest_entry(other)
        known, _ = await self._store.entries.known(other, [entry.keys for entry in parsed.entries])
        return Meeting(other, identify.identify(parsed.entries, known), newest)

    async def _as_formers_know(
        self, feed: ClaimedFeed, listed: Sequence[Entry | UnchangedEntry]
    ) -> tuple[Meeting, ...]:
        """The document as each of the feeds knows it that moved here: as if it had been read at the old address."""
        keys = [each.keys for each in listed]
        now = self._clock.now()
        found = []
        most = max(1, min(MAX_FORMERS, MAX_COMPARED // max(1, len(listed))))
        for former in await self._store.feeds.formers(feed.id, most=most):
            known, last_listed = await self._store.entries.known(former, keys)
            found.append(
                Meeting(former, poll_outcome.as_stored(identify.identify(listed, known, listed=last_listed), now=now))
            )
        return tuple(found)

    async def take_in(
        self, feed: ClaimedFeed, fetched: Fetched, parsed: ParsedFeed, *, illustrated: bool = True
    ) -> FeedOutcome:
        """Store the document's entries, the feed's state and the deliveries in one transaction.

        Args:
            illustrated: whether pictures are looked for on pages; not worth it where nothing of it is posted.

        Raises:
            StoreError: nothing was stored.
        """
        outcome = await self._outcome(feed, fetched, parsed, parsed.entries, patient=False, illustrated=illustrated)
        await self._store.entries.apply(outcome)
        return outcome

    async def _recognise(
        self, feed: ClaimedFeed, fetched: Fetched, items: Sequence[Item] | None
    ) -> tuple[UnchangedEntry, ...]:
        """Those of a document's items that the store has, byte for byte: they need not be read.

        None where the feed moves: should it meet another one there, all entries are compared with that one's.

        Raises:
            StoreError: the database could not be read.
        """
        if not items or fetched.moved_to not in {None, feed.url}:
            return ()
        stored = await self._store.entries.with_bytes(feed.id, [item.key for item in items])
        return new_entries.recognise(items, stored)

    def _price(self, feed: ClaimedFeed) -> float | None:
        return None if self._prices is None else self._prices.price(feed.guilds)

    def _moment(self) -> poll_outcome.Moment:
        return {"now": self._clock.now(), "settings": self._polling, "chance": self._clock.chance()}
