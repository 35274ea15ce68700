"""The database: everything Riverpost remembers. SQL is written here and nowhere else.

`Store` is its face, with one part for each concept. To add a part, write a class in its room and make it in `Store`.
docs/store.md describes how it works.
"""

from datetime import datetime, timedelta

from bot.config.settings import LimitsSettings, StoreSettings
from bot.model import Judge
from bot.store.admin.maintenance import MaintenanceStore
from bot.store.admin.metric_gauges import GaugeStore
from bot.store.admin.retention import RetentionStore
from bot.store.admin.status import StatusStore
from bot.store.admin.stored_secrets import scrub_stored
from bot.store.engine.database import Database
from bot.store.feeds.feeds import FeedStore
from bot.store.feeds.poll_price import PollPriceStore
from bot.store.feeds.replacement_addresses import SuggestionStore
from bot.store.intake.daily_volume import AmountStore
from bot.store.intake.entries import EntryStore
from bot.store.moves.move_source import SourceMoveStore
from bot.store.notices.notices import NoticeStore
from bot.store.notices.problems import ProblemStore
from bot.store.personal.follows import FollowStore
from bot.store.personal.match_cursor import FollowMatchStore
from bot.store.personal.private_messages import PrivateMessageStore
from bot.store.personal.readable import ReadableStore
from bot.store.personal.saved import SavedStore
from bot.store.posting.deliveries import DeliveryStore
from bot.store.posting.digest_times import DigestTimeStore
from bot.store.posting.duplicates import DuplicateStore
from bot.store.posting.edits import EditStore
from bot.store.posting.follow_ups import FollowUpStore
from bot.store.posting.posts import PostStore
from bot.store.reading.article_history import ArticleHistoryStore
from bot.store.reading.full_text_search import SearchStore
from bot.store.reading.search_index import SearchIndexStore
from bot.store.reading.statistics import StatisticsStore
from bot.store.reading.timeline import TimelineStore
from bot.store.reading.web_publications import PublicationStore
from bot.store.schema.source_name_columns import NameStore
from bot.store.topics.filters import FilterStore
from bot.store.topics.guilds import GuildStore
from bot.store.topics.imports import ImportStore
from bot.store.topics.mentions import MentionStore
from bot.store.topics.topic_changes import ChangeStore
from bot.store.topics.topics import TopicStore


class Store:
    """The parts of an open database. Made by `Store.open`, ended by `close`."""

    def __init__(
        self, database: Database, *, default_backfill: int, judge: Judge, limits: LimitsSettings, kept: StoreSettings
    ) -> None:
        self._database = database
        self.feeds = FeedStore(database)
        self.prices = PollPriceStore(database)
        self.entries = EntryStore(database, default_backfill=default_backfill, judge=judge, limits=limits)
        self.amounts = AmountStore(database, limits)
        self.topics = TopicStore(database)
        self.changes = ChangeStore(database, limits)
        self.mentions = MentionStore(database)
        self.imports = ImportStore(database)
        self.relocation = SourceMoveStore(database, judge=judge, limits=limits)
        self.statistics = StatisticsStore(database)
        self.names = NameStore(database)
        self.deliveries = DeliveryStore(database)
        self.hours = DigestTimeStore(database)
        self.posts = PostStore(database)
        self.stories = DuplicateStore(database)
        self.edits = EditStore(database)
        self.follow_ups = FollowUpStore(database)
        self.troubles = ProblemStore(database)
        self.notices = NoticeStore(database)
        self.operating = StatusStore(database)
        self.gauges = GaugeStore(database)
        self.river = TimelineStore(database)
        self.publications = PublicationStore(database)
        self.search = SearchStore(database)
        self.search_index = SearchIndexStore(database)
        self.saved = SavedStore(database)
        self.upkeep = MaintenanceStore(database)
        self.guilds = GuildStore(database)
        self.suggestions = SuggestionStore(database)
        self.filters = FilterStore(database)
        self.traces = ArticleHistoryStore(database)
        self.follows = FollowStore(database)
        self.matching = FollowMatchStore(database)
        self.personal = PrivateMessageStore(database)
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
        await store.search_index.bring_up_to_date()
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
