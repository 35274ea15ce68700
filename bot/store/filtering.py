"""Filters at work inside a transaction: the texts of the entries that are asked about, and what the judge says."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Entry, FeedOutcome, Filters, Judge, LeftOut, Readable, Text
from bot.store.arrays import among, array
from bot.store.schema import entries

TEXT_COLUMNS = (entries.c.title, entries.c.text, entries.c.author, entries.c.categories)
_TEXTS = sa.select(entries.c.id, *TEXT_COLUMNS).where(among(entries.c.id, "b_ids"))


def text_of(row: sa.RowMapping) -> Text:
    """From `TEXT_COLUMNS`."""
    return Text(row["title"], row["text"], row["author"], tuple(row["categories"]))


class Texts:
    """What filters read of entries: as the polls brought them, else as they are stored."""

    def __init__(self, outcomes: Mapping[int, FeedOutcome], ids: Mapping[tuple[int, str], int]) -> None:
        self._outcomes = outcomes
        self._ids = ids
        self._known: dict[int, Readable] | None = None

    async def wanted(
        self, connection: AsyncConnection, entry_ids: Sequence[int], filters: Filters, judge: Judge
    ) -> list[int]:
        """Those of the entries that pass, in their order."""
        left_out = await self.left_out(connection, [(entry_id, filters) for entry_id in entry_ids], judge)
        return [entry_id for entry_id in entry_ids if left_out.get((entry_id, filters)) is None]

    async def left_out(
        self, connection: AsyncConnection, asked: Iterable[tuple[int, Filters]], judge: Judge
    ) -> dict[tuple[int, Filters], LeftOut]:
        """Why filters do not want entries. Each entry is read once, whoever asks; another read only where one is missing."""
        by_entry: dict[int, dict[Filters, None]] = defaultdict(dict)
        for entry_id, filters in asked:
            by_entry[entry_id][filters] = None
        texts = await self._of(connection, by_entry)
        found: dict[tuple[int, Filters], LeftOut] = {}
        for entry_id, wanted_by in by_entry.items():
            await asyncio.sleep(0)  # hundreds of filters may judge each entry, of a source that many follow
            verdicts = judge(texts[entry_id], tuple(wanted_by)) if entry_id in texts else ()
            found |= {
                (entry_id, filters): verdict
                for filters, verdict in zip(wanted_by, verdicts, strict=False)
                if verdict is not None
            }
        return found

    async def _of(self, connection: AsyncConnection, entry_ids: Iterable[int]) -> Mapping[int, Readable]:
        if self._known is None:
            self._known = {
                self._ids[feed_id, item.uid]: item.entry
                for feed_id, outcome in self._outcomes.items()
                for item in outcome.listed
                if isinstance(item.entry, Entry)
            }
        if missing := set(entry_ids) - self._known.keys():
            found = await connection.execute(_TEXTS, {"b_ids": array(missing)})
            self._known |= {row["id"]: text_of(row) for row in found.mappings()}
        return self._known
