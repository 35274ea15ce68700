"""Reading in a big archive: a search index in the order of time, counts for paging, and what people saved."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# A row's number is the day of the article and then its id: the rows lie as people read them, newest last.
# The feed's number is a word behind a letter of the private use area (57344), which nobody can type.
SEARCH = (
    "DROP TRIGGER entries_search_insert",
    "DROP TRIGGER entries_search_delete",
    "DROP TRIGGER entries_search_update",
    "DROP TABLE entries_search",
    """
    CREATE VIRTUAL TABLE entries_search USING fts5(
        title, text, feed, content='', columnsize=0, tokenize='unicode61 remove_diacritics 2'
    )
    """,
    "CREATE TEMPORARY TABLE places AS SELECT ((max(sort_at, 0) / 86400000) << 32) | id AS place FROM entries ORDER BY 1",
    """
    INSERT INTO entries_search(rowid, title, text, feed)
    SELECT places.place, entries.title, entries.text, char(57344) || entries.feed_id
    FROM places CROSS JOIN entries ON entries.id = places.place & 4294967295 ORDER BY places.rowid
    """,
    "DROP TABLE places",
    # One segment: else the many of a bulk load are merged beside the next inserts, each of which would cost twice as much.
    "INSERT INTO entries_search(entries_search) VALUES ('optimize')",
    """
    CREATE TRIGGER entries_search_insert AFTER INSERT ON entries BEGIN
        INSERT INTO entries_search(rowid, title, text, feed)
        VALUES (((max(new.sort_at, 0) / 86400000) << 32) | new.id, new.title, new.text, char(57344) || new.feed_id);
    END
    """,
    """
    CREATE TRIGGER entries_search_delete AFTER DELETE ON entries BEGIN
        INSERT INTO entries_search(entries_search, rowid, title, text, feed) VALUES ('delete',
            ((max(old.sort_at, 0) / 86400000) << 32) | old.id, old.title, old.text, char(57344) || old.feed_id);
    END
    """,
    """
    CREATE TRIGGER entries_search_update AFTER UPDATE OF title, text, feed_id, sort_at ON entries
    WHEN old.title <> new.title OR old.text <> new.text OR old.feed_id <> new.feed_id OR old.sort_at <> new.sort_at
    BEGIN
        INSERT INTO entries_search(entries_search, rowid, title, text, feed) VALUES ('delete',
            ((max(old.sort_at, 0) / 86400000) << 32) | old.id, old.title, old.text, char(57344) || old.feed_id);
        INSERT INTO entries_search(rowid, title, text, feed)
        VALUES (((max(new.sort_at, 0) / 86400000) << 32) | new.id, new.title, new.text, char(57344) || new.feed_id);
    END
    """,
)

# A stretch is 2 to the power of its level milliseconds long.
COUNTS = (
    """
    INSERT INTO river_counts SELECT column1, feed_id, sort_at >> column1, count(*)
    FROM entries CROSS JOIN (VALUES (35), (31), (27)) GROUP BY 1, 2, 3
    """,
    """
    CREATE TRIGGER river_counts_insert AFTER INSERT ON entries BEGIN
        INSERT INTO river_counts SELECT column1, new.feed_id, new.sort_at >> column1, 1
        FROM (VALUES (35), (31), (27)) WHERE true
        ON CONFLICT (level, feed_id, bucket) DO UPDATE SET articles = articles + 1;
    END
    """,
    """
    CREATE TRIGGER river_counts_delete AFTER DELETE ON entries BEGIN
        UPDATE river_counts SET articles = articles - 1 WHERE feed_id = old.feed_id
            AND (level, bucket) IN (VALUES (35, old.sort_at >> 35), (31, old.sort_at >> 31), (27, old.sort_at >> 27));
    END
    """,
    """
    CREATE TRIGGER river_counts_update AFTER UPDATE OF feed_id, sort_at ON entries
    WHEN old.feed_id <> new.feed_id OR old.sort_at <> new.sort_at
    BEGIN
        UPDATE river_counts SET articles = articles - 1 WHERE feed_id = old.feed_id
            AND (level, bucket) IN (VALUES (35, old.sort_at >> 35), (31, old.sort_at >> 31), (27, old.sort_at >> 27));
        INSERT INTO river_counts SELECT column1, new.feed_id, new.sort_at >> column1, 1
        FROM (VALUES (35), (31), (27)) WHERE true
        ON CONFLICT (level, feed_id, bucket) DO UPDATE SET articles = articles + 1;
    END
    """,
)


def upgrade() -> None:
    for statement in SEARCH:
        op.execute(statement)
    op.create_table(
        "river_counts",
        sa.Column("level", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("feed_id", Key, primary_key=True, autoincrement=False),
        sa.Column("bucket", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("articles", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    for statement in COUNTS:
        op.execute(statement)
    op.create_index("entries_feed_of", "entries", ["id", "feed_id"])
    op.create_index("posts_message", "posts", ["message_id"])
    op.create_table(
        "saved",
        sa.Column("id", Key, primary_key=True),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("entry_id", Key, sa.ForeignKey("entries.id", ondelete="SET NULL")),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("link", sa.Text),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("published_at", sa.BigInteger),
        sa.Column("saved_at", sa.BigInteger, nullable=False),
        sa.Column("done_at", sa.BigInteger),
        sa.UniqueConstraint("user_id", "entry_id"),
        sa.Index("saved_of", "user_id", "saved_at", "id"),
        sa.Index("saved_entry", "entry_id"),
    )
