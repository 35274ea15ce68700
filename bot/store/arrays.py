"""Lists as one parameter, so that a statement is built and compiled once, however long its lists are."""

import json
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa


def among(column: sa.ColumnElement[Any], name: str) -> sa.ColumnElement[bool]:
    """Whether the column's value is in the list that is given as parameter `name`, made by `array`."""
    return column.in_(_values(name))


def not_among(column: sa.ColumnElement[Any], name: str) -> sa.ColumnElement[bool]:
    """The opposite; the column must not be null."""
    return column.not_in(_values(name))


def array(values: Iterable[int | str]) -> str:
    """A list as a parameter for `among`."""
    return json.dumps(list(values))


def _values(name: str) -> sa.Select[Any]:
    return sa.select(sa.func.json_each(sa.bindparam(name, type_=sa.Text())).table_valued("value").c.value)
