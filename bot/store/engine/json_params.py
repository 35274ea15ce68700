"""Lists as one parameter, so that a statement is built and compiled once, however long its lists are; rows as one value."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa


def among(column: sa.ColumnElement[Any], name: str) -> sa.ColumnElement[bool]:
    """Whether the column's value is in the list that is given as parameter `name`, made by `array`."""
    return column.in_(values_of(name))


def one_of(column: sa.ColumnElement[Any], values: Iterable[int]) -> sa.ColumnElement[bool]:
    """Whether the column's value is one of these, however many; for statements that are built each time."""
    return column.in_(sa.select(sa.func.json_each(array(values)).table_valued("value").c.value))


def not_among(column: sa.ColumnElement[Any], name: str) -> sa.ColumnElement[bool]:
    """The opposite; the column must not be null."""
    return column.not_in(values_of(name))


def array(values: Iterable[int | str | Sequence[float | str | None]]) -> str:
    """A list as a parameter for `among` or `table`."""
    return json.dumps(list(values))


def table(name: str, columns: Mapping[str, sa.types.TypeEngine[Any]]) -> sa.Subquery:
    """Rows that are given as parameter `name`, made by `array` of lists with what the database stores, as a table.

    One statement for all of them: SQLite's driver gives the interpreter away for every row that is bound by itself.
    """
    row = sa.func.json_each(sa.bindparam(name, type_=sa.Text())).table_valued("value")
    fields = (
        sa.type_coerce(sa.func.json_extract(row.c.value, f"$[{place}]"), kind).label(column)
        for place, (column, kind) in enumerate(columns.items())
    )
    return sa.select(*fields).subquery(name)


def gathered(query: sa.Select[Any]) -> sa.Select[tuple[list[list[Any]]]]:
    """All rows of `query` as one value, a list of lists: SQLite's driver gives the interpreter away for every row it fetches.

    They are as the database stores them: times are milliseconds. Real numbers must be finite, and keep 15 digits.
    """
    found = query.subquery("found")
    return sa.select(sa.func.json_group_array(sa.func.json_array(*found.c), type_=sa.JSON()))


def values_of(name: str) -> sa.Select[Any]:
    """The values of the list that is given as parameter `name`, made by `array`; `among` and `not_among` ask it."""
    return sa.select(sa.func.json_each(sa.bindparam(name, type_=sa.Text())).table_valued("value").c.value)
