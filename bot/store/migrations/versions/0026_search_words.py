"""The search index holds folded and cut words. It is filled by the running bot: see `bot.store.reading.search_index`."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

# `search_words` and `search_names` are functions that the bot gives its connections. Articles below `indexed_from` are not
# in the index yet. The feed's number is a word behind a letter of the private use area (57344), which nobody can type.
PLACE = "((max({row}.sort_at, 0) / 86400000) << 32) | {row}.id"
WORDS = "search_words({row}.title), search_words({row}.text), search_names({row}.author, {row}.categories), char(57344) || {row}.feed_id"
IN_INDEX = "{row}.id >= (SELECT indexed_from FROM search_index)"
CHANGED = (
    "old.title <> new.title OR old.text <> new.text OR old.author IS NOT new.author OR old.categories <> new.categories "
    "OR old.feed_id <> new.feed_id OR old.sort_at <> new.sort_at"
)


def _added() -> str:
    return (
        "INSERT INTO entries_search(rowid, title, text, names, feed) "
        f"VALUES ({PLACE.format(row='new')}, {WORDS.format(row='new')});"
    )


def _taken() -> str:
    return (
        "INSERT INTO entries_search(entries_search, rowid, title, text, names, feed) "
        f"VALUES ('delete', {PLACE.format(row='old')}, {WORDS.format(row='old')});"
    )


def upgrade() -> None:
    for event in ("insert", "delete", "update"):
        op.execute(f"DROP TRIGGER entries_search_{event}")
    op.execute("DROP TABLE entries_search")
    op.execute(
        "CREATE VIRTUAL TABLE entries_search USING fts5(title, text, names, feed, content='', columnsize=0, "
        """tokenize="ascii tokenchars '#&@%/._$+<=>^`|~'")"""
    )
    op.create_table(
        "search_index",
        sa.Column("version", sa.Text, primary_key=True),
        sa.Column("indexed_from", sa.BigInteger),
    )
    op.execute("INSERT INTO search_index(version, indexed_from) VALUES ('', 9223372036854775807)")
    op.execute(
        f"CREATE TRIGGER entries_search_insert AFTER INSERT ON entries WHEN {IN_INDEX.format(row='new')} BEGIN {_added()} END"
    )
    op.execute(
        f"CREATE TRIGGER entries_search_delete AFTER DELETE ON entries WHEN {IN_INDEX.format(row='old')} BEGIN {_taken()} END"
    )
    op.execute(
        "CREATE TRIGGER entries_search_update AFTER UPDATE OF title, text, author, categories, feed_id, sort_at ON entries "
        f"WHEN ({CHANGED}) AND {IN_INDEX.format(row='old')} BEGIN {_taken()} {_added()} END"
    )
