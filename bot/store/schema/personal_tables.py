"""The tables about single persons: what they follow, what of it is on its way to them, and how they want it."""

import sqlalchemy as sa

from bot.store.schema.tables import Key, UtcTime, keyed, metadata, ref

people = sa.Table(
    "people",
    metadata,
    sa.Column("user_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("zone", sa.Text),  # a name of zoneinfo
    sa.Column("hour", sa.Integer),  # of the daily digest, there
    sa.Column("locale", sa.Text),  # the language of Discord's client, as of the last command
    sa.Column("dm_channel_id", sa.BigInteger, unique=True),  # null until a message was to be sent
    sa.Column("pending", sa.Boolean, nullable=False, server_default=sa.false()),  # something is to be sent at once
    sa.Column("digest_at", UtcTime),  # when the next digest is due; null while nothing waits for it
    sa.Column("later", UtcTime),  # no private channel can be opened before
    sa.Column("dropped", sa.Integer, nullable=False, server_default="0"),  # articles too old to be sent, not yet told
    sa.Column("told_at", UtcTime),  # when it was last said that private messages do not arrive
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Index("people_pending", "pending"),
    sa.Index("people_digest", "digest_at"),
)

follows = keyed(
    "follows",
    sa.Column("user_id", sa.BigInteger, sa.ForeignKey("people.user_id", ondelete="CASCADE"), nullable=False),
    sa.Column("guild_id", sa.BigInteger, nullable=False),  # whose articles it sees, and no other's
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("words", sa.Text),
    ref("feeds", "feed_id", ondelete="CASCADE", nullable=True),
    ref("topics", "topic_id", ondelete="CASCADE", nullable=True),
    sa.Column("daily", sa.Boolean, nullable=False),
    sa.Column("member_at", UtcTime, nullable=False),  # when the person was last known to be in the guild
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Index("follows_user", "user_id"),
    sa.Index("follows_guild", "guild_id"),
    sa.Index("follows_feed", "feed_id"),
    sa.Index("follows_topic", "topic_id"),
)

personal_deliveries = keyed(
    "personal_deliveries",
    sa.Column("user_id", sa.BigInteger, sa.ForeignKey("people.user_id", ondelete="CASCADE"), nullable=False),
    ref("entries", "entry_id", ondelete="CASCADE"),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("at_once", sa.Boolean, nullable=False),  # else for the digest
    sa.Column("alone", sa.Boolean, nullable=False, server_default=sa.false()),  # after a refused message of several
    ref("posts", "post_id", ondelete="SET NULL", nullable=True),
    sa.Column("order_at", UtcTime, nullable=False),
    sa.Column("order_position", sa.Integer, nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.UniqueConstraint("user_id", "entry_id"),
    sa.Index("personal_deliveries_waiting", "user_id", "state", "at_once", "order_at", "order_position"),
    sa.Index("personal_deliveries_age", "state", "created_at"),
    sa.Index("personal_deliveries_entry", "entry_id"),
    sa.Index("personal_deliveries_post", "post_id"),
)

# Why an article comes to a person. Without any reason left it does not come.
personal_matches = sa.Table(
    "personal_matches",
    metadata,
    sa.Column(
        "delivery_id",
        Key,
        sa.ForeignKey("personal_deliveries.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    sa.Column("follow_id", Key, sa.ForeignKey("follows.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    sa.Index("personal_matches_follow", "follow_id"),
)

# How far the rows of `deliveries` were looked at.
cursors = sa.Table(
    "cursors",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.BigInteger, nullable=False),
)
