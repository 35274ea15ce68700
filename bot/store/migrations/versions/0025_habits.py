"""When each feed tends to publish, learnt from the dates of what is stored; and the price of a poll."""

import base64
import struct
import time

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

MOST = 100
"""Articles of a feed that are learnt from, the newest."""
HOUR, DAY, LONGEST = 60, 1440, 90 * 1440
FORGET, HALF_LIFE_DAYS, LN2 = 0.985, 30.0, 0.6931471805599453
PACKED = struct.Struct("<24e3fd")


def upgrade() -> None:
    op.add_column("feeds", sa.Column("habit", sa.Text))
    op.create_table(
        "poll_price",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("price", sa.Float, nullable=False),
        sa.Column("polls", sa.Float, nullable=False),
        sa.Column("feed_days", sa.Float, nullable=False),
        sa.Column("hours", sa.Float, nullable=False),
    )
    connection = op.get_bind()
    now = time.time() / 60  # noqa: TID251 - a migration has no clock of its own
    feeds = connection.execute(
        sa.text("SELECT id, last_success_at, pace_entries, pace_since FROM feeds WHERE last_success_at IS NOT NULL")
    ).all()
    newest = sa.text("SELECT sort_at FROM entries WHERE feed_id = :feed ORDER BY sort_at DESC LIMIT :most")
    update = sa.text("UPDATE feeds SET habit = :habit WHERE id = :id")
    rows = []
    for feed_id, polled_at, pace_entries, pace_since in feeds:
        # Where nothing has been asked for a while, that time says nothing.
        until = min(now, polled_at / 60_000)
        dates = [row[0] / 60_000 for row in connection.execute(newest, {"feed": feed_id, "most": MOST})]
        if len(dates) < 2 and pace_since is not None:
            since = pace_since / 60_000
            habit = [0.0] * 24 + [pace_entries or 0.0, max(0.0, until - since) / DAY, 0.0, until]
        else:
            habit = learnt(sorted(date for date in dates if date <= until), until)
        rows.append({"id": feed_id, "habit": base64.b64encode(PACKED.pack(*habit)).decode("ascii")})
    if rows:
        connection.execute(update, rows)


def learnt(dates: list[float], now: float) -> list[float]:
    """24 weights of hours, articles, days, articles expected since the last one, and the moment: oldest date first."""
    hours = [0.0] * 24
    moments = sorted({date // 1 for date in dates}, reverse=True)
    if len(moments) > 2 and 2 * sum(1 for moment in moments if moment % DAY == 0) >= len(moments):
        moments = []  # dates without a time of day
    # What was stored at once, as of a first document without dates, is one event.
    for number, moment in enumerate(moments):
        hours[int(moment % DAY // HOUR)] += FORGET**number
    if not dates:
        return [*hours, 0.0, 0.0, 0.0, now]
    start = max(dates[0], now - LONGEST)
    articles = sum(0.5 ** ((now - date) / DAY / HALF_LIFE_DAYS) for date in dates if date > start)
    days = (1 - 0.5 ** ((now - start) / DAY / HALF_LIFE_DAYS)) * HALF_LIFE_DAYS / LN2
    expected = (articles + 0.5) / (days + 1) * (now - dates[-1]) / DAY
    return [*hours, articles, days, expected, now]
