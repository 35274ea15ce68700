"""The tables, as the newest migration leaves them. Times are whole milliseconds since 1970 in UTC."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect


def milliseconds(moment: datetime) -> int:
    """A time as it is stored."""
    return int(moment.timestamp() * 1000)


def moment(stored: int) -> datetime:
    """A time that was stored."""
    return datetime.fromtimestamp(stored / 1000, UTC)


class UtcTime(sa.types.TypeDecorator[datetime]):
    """An aware datetime, stored as milliseconds so that both databases sort and compare it alike."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:  # noqa: ARG002 - its interface
        return None if value is None else milliseconds(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - its interface
        return None if value is None else moment(value)


metadata = sa.MetaData()

# SQLite gives a rowid alias, and with it cheap inserts, only to INTEGER.
Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def keyed(name: str, *parts: sa.schema.SchemaItem) -> sa.Table:
    """A table whose rows have ids. They leave the process, in buttons and menus, so none is ever given again."""
    return sa.Table(name, metadata, sa.Column("id", Key, primary_key=True), *parts, sqlite_autoincrement=True)


def ref(target: str, name: str, *, ondelete: str, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, Key, sa.ForeignKey(f"{target}.id", ondelete=ondelete), nullable=nullable)


feeds = keyed(
    "feeds",
    sa.Column("url", sa.Text, nullable=False, unique=True),
    sa.Column("host", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False, server_default="active"),
    sa.Column("title", sa.Text),
    sa.Column("site_url", sa.Text),
    sa.Column("icon_url", sa.Text),
    sa.Column("etag", sa.Text),
    sa.Column("last_modified", sa.Text),
    sa.Column("validators_url", sa.Text),  # where both came from, if not from url
    sa.Column("body_digest", sa.Text),
    sa.Column("interval_seconds", sa.Integer),
    sa.Column("busy_seconds", sa.Float),  # of its last poll, where it is asked less often for it
    sa.Column("pace_entries", sa.Float),
    sa.Column("pace_since", UtcTime),
    sa.Column("pace_by_sight", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("habit", sa.Text),  # when it tends to publish, see feeds.scheduling.publish_habit
    sa.Column("ttl_seconds", sa.Integer),
    sa.Column("skip_hours", sa.Integer, nullable=False, server_default="0"),  # bit 0 is midnight GMT
    sa.Column("skip_days", sa.Integer, nullable=False, server_default="0"),  # bit 0 is Monday
    sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
    sa.Column("last_error", sa.Text),
    sa.Column("last_error_at", UtcTime),
    sa.Column("last_polled_at", UtcTime),
    sa.Column("last_success_at", UtcTime),
    sa.Column("failing_since", UtcTime),  # the first of the polls in a row that failed
    sa.Column("next_poll_at", UtcTime, nullable=False),
    sa.Column("lease_until", UtcTime),
    sa.Column("suggested_url", sa.Text),  # found on its site while it fails; offered, never followed by itself
    sa.Column("searched_at", UtcTime),
    sa.Column("rests_until", UtcTime),  # it brought too much in a day
    sa.Column("rest_reason", sa.Text),
    sa.Column("listed", sa.JSON(none_as_null=True)),  # ids of the entries in the document that was read last
    sa.Column("unfollowed_since", UtcTime),  # nobody follows it: it is deleted in the end, see store.admin.retention
    sa.Column("left_by", sa.BigInteger),  # the guild that was the last to unsubscribe it
    sa.Index("feeds_due", "state", "next_poll_at"),
    sa.Index("feeds_unfollowed", "unfollowed_since", sqlite_where=sa.text("unfollowed_since IS NOT NULL")),
    sa.Index("feeds_failing", "failing_since"),
)

feed_aliases = sa.Table(
    "feed_aliases",
    metadata,
    sa.Column("url", sa.Text, primary_key=True),
    ref("feeds", "feed_id", ondelete="CASCADE"),
    sa.Index("feed_aliases_feed", "feed_id"),
)

entries = keyed(
    "entries",
    ref("feeds", "feed_id", ondelete="CASCADE"),
    sa.Column("uid", sa.Text, nullable=False),
    sa.Column("guid_key", sa.Text),
    sa.Column("link_key", sa.Text),
    sa.Column("content_key", sa.Text, nullable=False),
    sa.Column("raw_key", sa.Text),  # of the bytes it was last read from; null where they were not told apart
    sa.Column("guid", sa.Text),
    sa.Column("link", sa.Text),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("author", sa.Text),
    sa.Column("summary_html", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("image_url", sa.Text),
    sa.Column("enclosure", sa.JSON),
    sa.Column("categories", sa.JSON, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("published_at", UtcTime),
    sa.Column("seen_at", UtcTime, nullable=False),
    sa.Column("sort_at", UtcTime, nullable=False),  # published, but never later than seen; else seen
    sa.Column("trimmed", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.UniqueConstraint("feed_id", "uid"),
    sa.Index("entries_guid", "feed_id", "guid_key"),
    sa.Index("entries_link", "feed_id", "link_key"),
    sa.Index("entries_content", "feed_id", "content_key"),
    sa.Index("entries_raw", "feed_id", "raw_key"),
    sa.Index("entries_river", "sort_at", "id"),
    sa.Index("entries_feed_river", "feed_id", "sort_at", "id"),
    sa.Index("entries_feed_of", "id", "feed_id"),  # without the wide rows
)

# One row: the rules by which the words in `entries_search` were made, and the id from which on articles are in it.
search_index = sa.Table(
    "search_index", metadata, sa.Column("version", sa.Text, primary_key=True), sa.Column("indexed_from", sa.BigInteger)
)

# How many articles each feed has in each stretch of time; triggers keep it, see `bot.store.reading.timeline_index`.
river_counts = sa.Table(
    "river_counts",
    metadata,
    sa.Column("level", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("feed_id", Key, primary_key=True, autoincrement=False),
    sa.Column("bucket", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("articles", sa.Integer, nullable=False),
    sqlite_with_rowid=False,
)

topics = keyed(
    "topics",
    sa.Column("guild_id", sa.BigInteger, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("name_key", sa.Text, nullable=False),  # casefolded: names are unique whatever their case
    sa.Column("channel_id", sa.BigInteger, nullable=False),
    sa.Column("colour", sa.Integer),
    sa.Column("backfill", sa.Integer),
    sa.Column("options", sa.JSON, nullable=False),
    sa.Column("filters", sa.Text),
    sa.Column("paused", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("declared", sa.Boolean, nullable=False, server_default=sa.false()),
    # From its options and the clock, so that SQL can tell what may go out now; see store.posting.digest_times.
    sa.Column("digest_at", UtcTime),  # the digest that is due next, of all that came until then; null for none
    sa.Column("quiet_from", UtcTime),  # the quiet hours that are now, else the next; null for none
    sa.Column("quiet_until", UtcTime),
    sa.Column("released_at", UtcTime),  # when the last quiet hours ended
    sa.Column("created_by", sa.BigInteger),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.UniqueConstraint("guild_id", "name_key"),
    sa.Index("topics_channel", "channel_id"),
)

subscriptions = keyed(
    "subscriptions",
    ref("topics", "topic_id", ondelete="CASCADE"),
    ref("feeds", "feed_id", ondelete="CASCADE"),
    sa.Column("since", UtcTime),  # its baseline; null until the feed was read once for it
    sa.Column("filters", sa.Text),
    sa.Column("declared", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("paused", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("sample", sa.Integer),  # articles posted when it is first read; null: as its topic has it
    sa.Column("added_by", sa.BigInteger),
    sa.Column("added_at", UtcTime, nullable=False),
    sa.UniqueConstraint("topic_id", "feed_id"),
    sa.Index("subscriptions_feed", "feed_id"),
)

# What a topic followed under an address that has moved since: it still reads what came there, and was told of that.
former_feeds = sa.Table(
    "former_feeds",
    metadata,
    sa.Column("topic_id", Key, sa.ForeignKey("topics.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    sa.Column("feed_id", Key, sa.ForeignKey("feeds.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    sa.Column("former_id", Key, sa.ForeignKey("feeds.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    sa.Index("former_feeds_feed", "feed_id"),
    sa.Index("former_feeds_former", "former_id"),
)

# What a guild calls a source, in its own words.
source_names = sa.Table(
    "source_names",
    metadata,
    sa.Column("guild_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("feed_id", Key, sa.ForeignKey("feeds.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Index("source_names_feed", "feed_id"),
)

# A list of feeds that somebody gave, and what became of each; a guild's last one is kept for its report.
imports = keyed(
    "imports",
    sa.Column("guild_id", sa.BigInteger, nullable=False),
    sa.Column("channel_id", sa.BigInteger, nullable=False),  # of topics that it makes
    sa.Column("added_by", sa.BigInteger),
    sa.Column("language", sa.Text),  # of who gave it
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("finished_at", UtcTime),
    sa.Column("told", sa.Boolean, nullable=False, server_default=sa.false()),  # who gave it knows how it ended
    sa.Index("imports_guild", "guild_id"),
)

import_items = keyed(
    "import_items",
    ref("imports", "import_id", ondelete="CASCADE"),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("title", sa.Text),
    sa.Column("topics", sa.JSON, nullable=False),  # their names; a topic is made with its first feed
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("problem", sa.Text),
    sa.Index("import_items_state", "import_id", "state"),
)

# What a person removed by command and the configuration file must not bring back.
removed_declarations = sa.Table(
    "removed_declarations",
    metadata,
    sa.Column("guild_id", sa.BigInteger, primary_key=True),
    sa.Column("name_key", sa.Text, primary_key=True),
    sa.Column("feed_url", sa.Text, primary_key=True),  # empty: the topic itself
)

posts = keyed(
    "posts",
    ref("topics", "topic_id", ondelete="SET NULL", nullable=True),
    sa.Column("channel_id", sa.BigInteger, nullable=False),
    sa.Column("guild_id", sa.BigInteger, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("nonce", sa.Text, nullable=False, unique=True),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("unsure", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("first_attempt_at", UtcTime),
    sa.Column("last_attempt_at", UtcTime),
    sa.Column("due_at", UtcTime, nullable=False),
    sa.Column("delays", sa.Integer, nullable=False, server_default="0"),  # how often it was put off
    sa.Column("not_before", UtcTime),  # how long Discord itself asked to wait
    sa.Column("message_id", sa.BigInteger),
    sa.Column("last_error", sa.Text),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("posted_at", UtcTime),
    sa.Index("posts_open", "channel_id", "state", "id"),
    sa.Index("posts_topic", "topic_id"),
    sa.Index("posts_posted", "posted_at"),
    sa.Index("posts_kind", "kind", "state"),
    sa.Index("posts_message", "message_id"),
)

deliveries = keyed(
    "deliveries",
    ref("topics", "topic_id", ondelete="CASCADE"),
    ref("entries", "entry_id", ondelete="CASCADE"),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reason", sa.Text),
    ref("posts", "post_id", ondelete="SET NULL", nullable=True),
    sa.Column("alone", sa.Boolean, nullable=False, server_default=sa.false()),  # after a refused post of several
    sa.Column("corrections", sa.Integer, nullable=False, server_default="0"),  # edits of its message for its own sake
    sa.Column("compared", sa.Boolean, nullable=False, server_default=sa.false()),  # with those of other sources
    sa.Column("order_at", UtcTime, nullable=False),
    sa.Column("order_position", sa.Integer, nullable=False),  # the document read from the bottom
    sa.Column("created_at", UtcTime, nullable=False),
    sa.UniqueConstraint("topic_id", "entry_id"),
    sa.Index("deliveries_waiting", "state", "topic_id", "order_at", "order_position"),
    sa.Index("deliveries_entry", "entry_id"),
    sa.Index("deliveries_post", "post_id"),
)

# Which delivery of a topic tells the story of one that was skipped for it.
same_stories = sa.Table(
    "same_stories",
    metadata,
    sa.Column(
        "delivery_id", Key, sa.ForeignKey("deliveries.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    ),
    ref("deliveries", "told_by", ondelete="CASCADE"),
    sa.Index("same_stories_told_by", "told_by"),
)

# Posted articles whose message is to be written anew. Until it is planned, a message is made from what is stored anyway.
edits = sa.Table(
    "edits",
    metadata,
    sa.Column(
        "delivery_id",
        Key,
        sa.ForeignKey("deliveries.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    sa.Column("corrected", sa.Boolean, nullable=False, server_default=sa.false()),  # not only another source named
    sa.Column("stamp", sa.Integer, nullable=False),  # higher with each change, so that one during an edit is not lost
    sa.Column("due_at", UtcTime, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("last_error", sa.Text),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Index("edits_due", "due_at"),
)

# What is done with a message after it was posted; rows that are done stay a day, to count them.
followups = keyed(
    "followups",
    ref("posts", "post_id", ondelete="CASCADE"),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("channel_id", sa.BigInteger, nullable=False),
    sa.Column("guild_id", sa.BigInteger, nullable=False),
    sa.Column("message_id", sa.BigInteger, nullable=False),
    sa.Column("name", sa.Text),
    sa.Column("done", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("last_attempt_at", UtcTime),
    sa.Column("due_at", UtcTime, nullable=False),
    sa.Column("last_error", sa.Text),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.UniqueConstraint("post_id", "kind"),
    sa.Index("followups_due", "done", "due_at"),
    sa.Index("followups_channel", "channel_id", "kind", "last_attempt_at"),
)

channels = sa.Table(
    "channels",
    metadata,
    sa.Column("channel_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("guild_id", sa.BigInteger, nullable=False),
    sa.Column("lease_until", UtcTime),
    sa.Column("served_at", UtcTime),
    sa.Column("last_message_id", sa.BigInteger),
    sa.Column("held_kind", sa.Text),
    sa.Column("held_reason", sa.Text),
    sa.Column("held_since", UtcTime),
    sa.Column("probe_at", UtcTime),
    sa.Column("probes", sa.Integer, nullable=False, server_default="0"),
)

guilds = sa.Table(
    "guilds",
    metadata,
    sa.Column("guild_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("removed_at", UtcTime),  # the bot was removed; kept for 30 days in case it is invited again
    sa.Column("notice_channel_id", sa.BigInteger),  # where its admins want to be told; null: the system channel
    sa.Column("language", sa.Text),  # of what stands in its channels; null: what Discord says of it
    sa.Column("welcomed_at", UtcTime),
    # Each claim of feeds asks which servers the bot is in no longer; they are few.
    sa.Index("guilds_removed", "guild_id", sqlite_where=sa.text("removed_at IS NOT NULL")),
)

# What a guild's admins are told once: one row per trouble, from its beginning until its end was told.
troubles = keyed(
    "troubles",
    sa.Column("guild_id", sa.BigInteger, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("subject", sa.BigInteger, nullable=False),  # a channel, a feed or a topic
    sa.Column("since", UtcTime, nullable=False),
    sa.Column("last_at", UtcTime),  # of what is an event: when it happened last
    sa.Column("articles", sa.Integer, nullable=False, server_default="0"),
    ref("posts", "post_id", ondelete="SET NULL", nullable=True),  # the notice; null until it is planned
    sa.Column("refused", sa.JSON, nullable=False),  # channels in which it could not be told
    sa.Column("next_at", UtcTime, nullable=False),
    sa.Column("ended", sa.Text),  # how it ended; null while it lasts
    sa.Column("changed", sa.Boolean, nullable=False, server_default=sa.false()),  # since the notice was written
    sa.UniqueConstraint("guild_id", "kind", "subject"),
    sa.Index("troubles_post", "post_id"),
)

# What people keep to read later. Title, link and source are theirs: they stay when the article or its source goes.
saved = keyed(
    "saved",
    sa.Column("user_id", sa.BigInteger, nullable=False),
    ref("entries", "entry_id", ondelete="SET NULL", nullable=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("link", sa.Text),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("published_at", UtcTime),
    sa.Column("saved_at", UtcTime, nullable=False),
    sa.Column("done_at", UtcTime),
    sa.UniqueConstraint("user_id", "entry_id"),
    sa.Index("saved_of", "user_id", "saved_at", "id"),
    sa.Index("saved_entry", "entry_id"),
)

heartbeats = sa.Table(
    "heartbeats",
    metadata,
    sa.Column("loop", sa.Text, primary_key=True),
    sa.Column("beat_at", UtcTime, nullable=False),
)
