"""Taking a document in: what is known, what it means, one transaction. Polls and /subscribe share it."""

from bot.clock import Clock
from bot.feeds import decide, identity
from bot.feeds.decoration import without_decoration
from bot.feeds.schedule import PollingSettings
from bot.model import FeedDue, FeedOutcome, Fetched, ParsedFeed
from bot.services.illustrating import Illustrator
from bot.store import Store


class Intake:
    """Stores what a document lists, and queues what is new for every topic that follows the feed."""

    def __init__(
        self, store: Store, polling: PollingSettings, clock: Clock, *, illustrator: Illustrator | None = None
    ) -> None:
        """`illustrator` looks for pictures that a feed lacks; None leaves such articles without."""
        self._store = store
        self._polling = polling
        self._clock = clock
        self._illustrator = illustrator

    async def outcome(self, feed: FeedDue, fetched: Fetched, parsed: ParsedFeed) -> FeedOutcome:
        """What a document that was read means; nothing is stored yet."""
        parsed = without_decoration(parsed, fetched.body, feed.icon_url)
        known = await self._store.entries.known(feed.id, [entry.keys for entry in parsed.entries])
        outcome = decide.read(
            feed,
            fetched,
            parsed,
            identity.identify(parsed.entries, known),
            now=self._clock.now(),
            settings=self._polling,
            chance=self._clock.chance(),
        )
        # Before the transaction: if the process ends here, the feed is still due and nothing was remembered.
        return outcome if self._illustrator is None else await self._illustrator.illustrate(feed, outcome)

    async def take_in(self, feed: FeedDue, fetched: Fetched, parsed: ParsedFeed) -> FeedOutcome:
        """Store the document's entries, the feed's state and the deliveries in one transaction.

        Raises:
            StoreError: nothing was stored.
        """
        outcome = await self.outcome(feed, fetched, parsed)
        await self._store.entries.apply(outcome)
        return outcome
