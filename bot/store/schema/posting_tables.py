"""Tables of what was posted, beside `posts` and `deliveries`, as the newest migration leaves them."""

import sqlalchemy as sa

from bot.store.schema.tables import Key, metadata

# What topics posted in a channel that they have left since, or before they were deleted. It stands there.
posted_before = sa.Table(
    "posted_before",
    metadata,
    sa.Column(
        "channel_id",
        sa.BigInteger,
        sa.ForeignKey("channels.channel_id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    sa.Column("entry_id", Key, sa.ForeignKey("entries.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    sa.Column("post_id", Key),  # whose outcome may not be known yet; it may be gone
    sa.Index("posted_before_entry", "entry_id"),
    sqlite_with_rowid=False,
)
