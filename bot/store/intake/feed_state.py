"""The state of feeds after polls: one statement per kind of outcome, run for all outcomes of that kind together."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import FeedOutcome, FeedState, PollKind
from bot.store.engine.json_params import array, table
from bot.store.schema import row_mapping
from bot.store.schema.tables import feeds, milliseconds

LISTED_KEPT = 1_000
"""Entries of a feed's last document that are remembered as such: what is replaced in place is near the top."""


async def record(connection: AsyncConnection, batch: Sequence[FeedOutcome], ids: Mapping[tuple[int, str], int]) -> None:
    """Store what the polls say of their feeds.

    Args:
        ids: of all listed entries, by feed and uid.
    """
    rest: list[FeedOutcome] = []
    times: list[tuple[float | None, ...]] = []
    for each in batch:
        if each.only_times and not each.unread:
            next_poll_at, polled_at = milliseconds(each.next_poll_at), milliseconds(each.polled_at)
            times.append((each.feed_id, next_poll_at, each.interval_seconds, polled_at, each.busy_seconds))
        else:
            rest.append(each)
    if times:
        await connection.execute(_ONLY_TIMES, {"b_times": array(times)})
    for kinds, statement, values_of in _WAYS if rest else ():
        values = [values_of(each, ids) for each in rest if each.kind in kinds]
        if values:
            await connection.execute(statement, values)


def _always(outcome: FeedOutcome) -> dict[str, Any]:
    return {"b_id": outcome.feed_id, "next_poll_at": outcome.next_poll_at}


def _asked(outcome: FeedOutcome) -> dict[str, Any]:
    return _always(outcome) | {
        "interval_seconds": outcome.interval_seconds,
        "last_polled_at": outcome.polled_at,
        "busy_seconds": outcome.busy_seconds,
    }


def _unchanged(outcome: FeedOutcome, ids: Mapping[tuple[int, str], int]) -> dict[str, Any]:
    listed = [ids[outcome.feed_id, item.uid] for item in outcome.listed[:LISTED_KEPT]]
    return _asked(outcome) | {
        "last_success_at": outcome.polled_at,
        "etag": outcome.etag,
        "last_modified": outcome.last_modified,
        "validators_url": outcome.validators_url,
        "body_digest": None if outcome.unread else outcome.body_digest,
        "b_listed": listed or None,
    }


def _read(outcome: FeedOutcome, ids: Mapping[tuple[int, str], int]) -> dict[str, Any]:
    rest = {"title": outcome.title, "site_url": outcome.site_url, "icon_url": outcome.icon_url}
    return _unchanged(outcome, ids) | rest | row_mapping.rhythm_values(outcome)


def _failed(outcome: FeedOutcome, _ids: Mapping[tuple[int, str], int]) -> dict[str, Any]:
    return _asked(outcome) | {
        "last_error": outcome.failure.message if outcome.failure else outcome.reason,
        "last_error_at": outcome.polled_at,
        "b_state": FeedState.GONE if outcome.kind is PollKind.GONE else None,
    }


def _postponed(outcome: FeedOutcome, _ids: Mapping[tuple[int, str], int]) -> dict[str, Any]:
    return _always(outcome)


def _not_while_it_rests(next_poll_at: Any) -> sa.ColumnElement[Any]:
    """A poll that was under way when its feed began to rest does not end the rest."""
    return sa.func.max(next_poll_at, sa.func.coalesce(feeds.c.rests_until, 0))


def _update(*columns: str, **fixed: Any) -> sa.Update:
    given: dict[str, Any] = {name: sa.bindparam(name, type_=feeds.c[name].type) for name in columns}
    given["next_poll_at"] = _not_while_it_rests(given["next_poll_at"])
    return sa.update(feeds).where(feeds.c.id == sa.bindparam("b_id")).values(lease_until=None, **given, **fixed)


_ASKED = ("next_poll_at", "interval_seconds", "last_polled_at", "busy_seconds")
_ANSWERED = (*_ASKED, "last_success_at", "etag", "last_modified", "validators_url", "body_digest")
_RHYTHM = ("pace_entries", "pace_since", "pace_by_sight", "ttl_seconds", "skip_hours", "skip_days")
_TIMES = table("b_times", {"feed_id": feeds.c.id.type, **{name: feeds.c[name].type for name in _ASKED}})
_ONLY_TIMES = (
    sa.update(feeds)
    .where(feeds.c.id == _TIMES.c.feed_id)
    .values(
        lease_until=None,
        last_success_at=_TIMES.c.last_polled_at,
        **{name: _TIMES.c[name] for name in _ASKED} | {"next_poll_at": _not_while_it_rests(_TIMES.c.next_poll_at)},
    )
)
_WELL: dict[str, Any] = {
    "failures": 0,
    "last_error": None,
    "failing_since": None,
    "state": sa.case((feeds.c.state == FeedState.GONE, FeedState.ACTIVE), else_=feeds.c.state),
    "listed": sa.func.coalesce(sa.bindparam("b_listed", type_=feeds.c.listed.type), feeds.c.listed),
}
_HABIT = {"habit": sa.func.coalesce(sa.bindparam("b_habit", type_=sa.Text()), feeds.c.habit)}
_WAYS: tuple[tuple[set[PollKind], sa.Update, Callable[..., dict[str, Any]]], ...] = (
    ({PollKind.ENTRIES}, _update(*_ANSWERED, "title", "site_url", "icon_url", *_RHYTHM, **_WELL, **_HABIT), _read),
    ({PollKind.UNCHANGED}, _update(*_ANSWERED, **_WELL), _unchanged),
    (
        {PollKind.FAILED, PollKind.GONE},
        _update(
            *_ASKED,
            "last_error",
            "last_error_at",
            failures=feeds.c.failures + 1,
            failing_since=sa.func.coalesce(
                feeds.c.failing_since, sa.bindparam("last_polled_at", type_=feeds.c.last_polled_at.type)
            ),
            state=sa.func.coalesce(sa.bindparam("b_state", type_=sa.Text()), feeds.c.state),
        ),
        _failed,
    ),
    ({PollKind.POSTPONED}, _update("next_poll_at"), _postponed),
)
