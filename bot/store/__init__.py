"""The database: everything Riverpost remembers. SQL is written here and nowhere else."""

from datetime import datetime, timedelta

from bot.config import LimitsSettings, StoreSettings
from bot.model import Judge
from bot.store.amounts import AmountStore
from bot.store.changes import ChangeStore
from bot.store.database import Database
from bot.store.deliveries import DeliveryStore
from bot.store.edits import EditStore
from bot.store.entries import EntryStore
from bot.store.feeds import FeedStore
from bot.store.filters import FilterStore
from bot.store.follows import FollowStore
from bot.store.followups import FollowUpStore
from bot.store.guilds import GuildStore
from bot.store.hours import HourStore
from bot.store.imports import ImportStore
from bot.store.matching import MatchStore
from bot.store.names import NameStore
from bot.store.notices import NoticeStore
from bot.store.operating import OperatingStore
from bot.store.personal import PersonalStore
from bot.store.posts import PostStore
from bot.store.readable import ReadableStore
from bot.store.relocation import RelocationStore
from bot.store.retention import RetentionStore
from bot.store.river import RiverStore
from bot.store.saved import SavedStore
from bot.store.scrubbing import scrub_stored
from bot.store.search import SearchStore
from bot.store.statistics import StatisticsStore
from bot.store.stories import StoryStore
from bot.store.suggestions import SuggestionStore
from bot.store.topics import TopicStore
from bot.store.traces import TraceStore
from bot.store.troubles import TroubleStore
from bot.store.upkeep import UpkeepStore


class Store:
    """The parts of an open database. Made by `Store.open`, ended by `close`."""

    def __init__(
        self, database: Database, *, default_backfill: int, judge: Judge, limits: LimitsSettings, kept: StoreSettings
    ) -> None:
        self._database = database
        self.feeds = FeedStore(database)
        self.entries = EntryStore(database, default_backfill=default_backfill, judge=judge, limits=limits)
        self.amounts = AmountStore(database, limits)
        self.topics = TopicStore(database)
        self.changes = ChangeStore(database, limits)
        self.imports = ImportStore(database)
        self.relocation = RelocationStore(database, judge=judge, limits=limits)
        self.statistics = StatisticsStore(database)
        self.names = NameStore(database)
        self.deliveries = DeliveryStore(database)
        self.hours = HourStore(database)
        self.posts = PostStore(database)
        self.stories = StoryStore(database)
        self.edits = EditStore(database)
        self.follow_ups = FollowUpStore(database)
        self.troubles = TroubleStore(database)
        self.notices = NoticeStore(database)
        self.operating = OperatingStore(database)
        self.river = RiverStore(database)
        self.search = SearchStore(database)
        self.saved = SavedStore(database)
        self.upkeep = UpkeepStore(database)
        self.guilds = GuildStore(database)
        self.suggestions = SuggestionStore(database)
        self.filters = FilterStore(database)
        self.traces = TraceStore(database)
        self.follows = FollowStore(database)
        self.matching = MatchStore(database)
        self.personal = PersonalStore(database)
        self.retention = RetentionStore(
            database,
            unfollowed=timedelta(days=kept.unfollowed_days),
            keep=timedelta(days=kept.keep_days),
            most_left=limits.sources_per_guild,
        )
        self.readable = ReadableStore(database)

    @classmethod
    async def open(
        cls,
        url: str,
        *,
        now: datetime,
        default_backfill: int,
        judge: Judge,
        limits: LimitsSettings,
        kept: StoreSettings,
    ) -> "Store":
        """Own the database at `url`, bring it up to date, and void what an earlier process had leased.

        Args:
            judge: what the filters of topics and sources say of new articles.
            kept: for how long what is kept.
            limits: what one poll, topic, source and guild may bring, and what searches may take.

        Raises:
            StoreError: it is in use, too new, or cannot be opened; the message says what to do.
        """
        database = await Database.open(url, limits)
        store = cls(database, default_backfill=default_backfill, judge=judge, limits=limits, kept=kept)
        await scrub_stored(database)
        await store.feeds.void_leases()
        await store.deliveries.void_leases(now=now)
        return store

    async def close(self) -> None:
        """Finish the transactions that were begun, and give the file back."""
        await self.entries.drain()
        await self.posts.drain()
        await self.stories.drain()
        await self._database.close()
