"""Taking a document in: what is known, what it means, one transaction. Polls and /subscribe share it."""

from collections.abc import Sequence

from bot.clock import Clock
from bot.feeds import decide, identity, incremental
from bot.feeds.scan import Item
from bot.feeds.schedule import PollingSettings
from bot.model import Entry, FeedDue, FeedOutcome, Fetched, ParsedFeed, Recognised
from bot.store import Store


class Intake:
    """Stores what a document lists, and queues what is new for every topic that follows the feed."""

    def __init__(self, store: Store, polling: PollingSettings, clock: Clock) -> None:
        self._store = store
        self._polling = polling
        self._clock = clock

    async def recognise(self, feed: FeedDue, items: Sequence[Item] | None) -> tuple[Recognised, ...]:
        """Those of a document's items that the store has, byte for byte: they need not be read.

        Raises:
            StoreError: the database could not be read.
        """
        if not items or not feed.has_entries:
            return ()
        stored = await self._store.entries.with_bytes(feed.id, [item.key for item in items])
        return incremental.recognise(items, stored)

    async def outcome(
        self, feed: FeedDue, fetched: Fetched, parsed: ParsedFeed, listed: Sequence[Entry | Recognised]
    ) -> FeedOutcome:
        """What a document that was read means; nothing is stored yet."""
        unread = [each.keys for each in listed if isinstance(each, Entry)]
        known = await self._store.entries.known(feed.id, unread) if feed.has_entries else ()
        return decide.read(
            feed,
            fetched,
            parsed,
            identity.identify(listed, known),
            now=self._clock.now(),
            settings=self._polling,
            chance=self._clock.chance(),
        )

    async def take_in(self, feed: FeedDue, fetched: Fetched, parsed: ParsedFeed) -> FeedOutcome:
        """Store the document's entries, the feed's state and the deliveries in one transaction.

        Raises:
            StoreError: nothing was stored.
        """
        outcome = await self.outcome(feed, fetched, parsed, parsed.entries)
        await self._store.entries.apply(outcome)
        return outcome
