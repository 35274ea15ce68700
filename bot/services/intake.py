"""Taking a document in: what is known, what it means, one transaction. Polls and /subscribe share it."""

from collections.abc import Sequence
from dataclasses import replace

from bot.clock import Clock
from bot.feeds import decide, identity, incremental
from bot.feeds.incremental import Parser
from bot.feeds.scan import Item
from bot.feeds.schedule import PollingSettings
from bot.model import Entry, FeedDue, FeedOutcome, Fetched, Meeting, ParsedFeed, Recognised
from bot.store import Store


class Intake:
    """Stores what a document lists, and queues what is new for every topic that follows the feed."""

    def __init__(self, store: Store, polling: PollingSettings, clock: Clock) -> None:
        self._store = store
        self._polling = polling
        self._clock = clock

    async def read(self, feed: FeedDue, fetched: Fetched, parser: Parser) -> FeedOutcome:
        """What a document that was fetched means; nothing is stored yet. Only entries that the store lacks are parsed.

        Raises:
            ParseError: it is no feed, or took too long.
            StoreError: the database could not be read.
        """
        items = await parser.scan(fetched.body)
        recognised = await self._recognise(feed, fetched, items)
        if items and len(recognised) == len(items):
            return decide.nothing_new(feed, fetched, recognised, **self._moment())
        listing = await incremental.read(parser, fetched, items, recognised)
        return await self._outcome(feed, fetched, listing.parsed, listing.listed)

    async def _outcome(
        self, feed: FeedDue, fetched: Fetched, parsed: ParsedFeed, listed: Sequence[Entry | Recognised]
    ) -> FeedOutcome:
        known, last_listed = await self._store.entries.known(feed.id, [each.keys for each in listed])
        outcome = decide.read(
            feed,
            fetched,
            parsed,
            identity.identify(listed, known, listed=last_listed),
            **self._moment(),
        )
        if outcome.moved_to is None:
            return outcome
        return replace(outcome, meeting=await self._meeting(outcome.moved_to, parsed))

    async def _meeting(self, url: str, parsed: ParsedFeed) -> Meeting | None:
        other = await self._store.feeds.at(url)
        if other is None:
            return None
        known, _ = await self._store.entries.known(other, [entry.keys for entry in parsed.entries])
        return Meeting(other, identity.identify(parsed.entries, known))

    async def take_in(self, feed: FeedDue, fetched: Fetched, parsed: ParsedFeed) -> FeedOutcome:
        """Store the document's entries, the feed's state and the deliveries in one transaction.

        Raises:
            StoreError: nothing was stored.
        """
        outcome = await self._outcome(feed, fetched, parsed, parsed.entries)
        await self._store.entries.apply(outcome)
        return outcome

    async def _recognise(self, feed: FeedDue, fetched: Fetched, items: Sequence[Item] | None) -> tuple[Recognised, ...]:
        """Those of a document's items that the store has, byte for byte: they need not be read.

        None where the feed moves: should it meet another one there, all entries are compared with that one's.

        Raises:
            StoreError: the database could not be read.
        """
        if not items or not feed.has_entries or fetched.moved_to not in {None, feed.url}:
            return ()
        stored = await self._store.entries.with_bytes(feed.id, [item.key for item in items])
        return incremental.recognise(items, stored)

    def _moment(self) -> decide.Moment:
        return {"now": self._clock.now(), "settings": self._polling, "chance": self._clock.chance()}
