"""Ids that are never given again, whatever was deleted: they stand in buttons, menus and links of old messages."""

import re

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

# With every column that refers to its ids.
TABLES: dict[str, tuple[tuple[str, str], ...]] = {
    "feeds": (
        ("feed_aliases", "feed_id"),
        ("entries", "feed_id"),
        ("subscriptions", "feed_id"),
        ("follows", "feed_id"),
        ("source_names", "feed_id"),
        ("river_counts", "feed_id"),
    ),
    "entries": (("deliveries", "entry_id"), ("personal_deliveries", "entry_id"), ("saved", "entry_id")),
    "topics": (
        ("subscriptions", "topic_id"),
        ("deliveries", "topic_id"),
        ("posts", "topic_id"),
        ("follows", "topic_id"),
    ),
    "subscriptions": (),
    "imports": (("import_items", "import_id"),),
    "import_items": (),
    "posts": (
        ("deliveries", "post_id"),
        ("personal_deliveries", "post_id"),
        ("followups", "post_id"),
        ("troubles", "post_id"),
    ),
    "deliveries": (("same_stories", "delivery_id"), ("same_stories", "told_by"), ("edits", "delivery_id")),
    "followups": (),
    "troubles": (),
    "saved": (),
    "follows": (("personal_matches", "follow_id"),),
    "personal_deliveries": (("personal_matches", "delivery_id"),),
}
# What a message shows: a button for one article, a menu of several, the buttons of a notice about a feed.
SHOWN = re.compile(r'riverpost:save:(\d+)|"value": ?"(\d+)"|riverpost:(?:retry|pause|unsubscribe):\d+:(\d+)')
# Replies that nobody stored can show ids of rows that are gone.
MARGIN = 100_000


def upgrade() -> None:
    """Change the stored text of the tables only: the rows of both kinds are written alike, so none is copied."""
    connection = op.get_bind()
    entry, feed = _shown(connection)
    seen = {"entries": entry, "feeds": feed, "deliveries": _cursor(connection)}
    # SQLite makes the table that remembers the highest ids with the first table that needs it, and keeps it.
    connection.exec_driver_sql("CREATE TABLE first_of_its_kind (id INTEGER PRIMARY KEY AUTOINCREMENT)")
    connection.exec_driver_sql("DROP TABLE first_of_its_kind")
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    for table in TABLES:
        changed = connection.exec_driver_sql(
            "UPDATE sqlite_schema SET sql = replace(sql, 'PRIMARY KEY (id)', 'PRIMARY KEY (id AUTOINCREMENT)') "
            "WHERE type = 'table' AND name = ? AND sql LIKE '%PRIMARY KEY (id)%'",
            (table,),
        )
        if changed.rowcount != 1:
            raise RuntimeError(f"the table {table} does not look as the migrations before this one leave it")
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = RESET")  # read the tables anew, also in this connection
    for table, references in TABLES.items():
        highest = max(
            seen.get(table, 0),
            _highest(connection, table, "id"),
            *(_highest(connection, *reference) for reference in references),
        )
        if highest:
            connection.exec_driver_sql(
                "INSERT INTO sqlite_sequence(name, seq) VALUES (?, ?)", (table, highest + MARGIN)
            )
    # The cursor over deliveries needs no help any more against ids that come again.
    connection.exec_driver_sql("DROP TRIGGER deliveries_cursors")
    connection.exec_driver_sql("DELETE FROM cursors WHERE name = 'given again'")


def _highest(connection: sa.Connection, table: str, column: str) -> int:
    return int(connection.exec_driver_sql(f"SELECT coalesce(max({column}), 0) FROM {table}").scalar_one())  # noqa: S608


def _cursor(connection: sa.Connection) -> int:
    found = connection.exec_driver_sql("SELECT coalesce(max(value), 0) FROM cursors WHERE name = 'personal'")
    return int(found.scalar_one())


def _shown(connection: sa.Connection) -> tuple[int, int]:
    """The highest ids of articles and feeds that stand under messages."""
    entry = feed = 0
    messages = connection.exec_driver_sql("SELECT payload FROM posts WHERE instr(payload, 'riverpost:') > 0")
    for (payload,) in messages:
        for button, option, subject in SHOWN.findall(payload):
            entry = max(entry, int(button or option or 0))
            feed = max(feed, int(subject or 0))
    return entry, feed
