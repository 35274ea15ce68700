"""The tables of what is on the web."""

import sqlalchemy as sa

from bot.store.schema.tables import Key, UtcTime, metadata

# The addresses on the web that topics have or had. None is given to another topic, so that an old link leads nowhere else.
web_addresses = sa.Table(
    "web_addresses",
    metadata,
    sa.Column("guild_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("topic_id", Key, nullable=False),  # stays when the topic is deleted: its pages say that they are gone
    sa.Column("access", sa.Text, nullable=False),
    sa.Column("published_by", sa.BigInteger),
    sa.Column("published_at", UtcTime, nullable=False),
    sa.Column("ended_at", UtcTime),
    sa.Index("web_addresses_topic", "topic_id"),
)
