"""The part of a stored entry that filters read."""

import sqlalchemy as sa

from bot.model import Text
from bot.store.schema.tables import entries

TEXT_COLUMNS = (entries.c.title, entries.c.text, entries.c.author, entries.c.categories)


def text_of(row: sa.RowMapping) -> Text:
    """From `TEXT_COLUMNS`."""
    return Text(row["title"], row["text"], row["author"], tuple(row["categories"]))
