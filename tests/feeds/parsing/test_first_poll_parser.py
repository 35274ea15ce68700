"""What of a document is posted: everything new, but not an archive that a site put into its feed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import START
from tests.feeds.history import Follower, Item, item, items

OLD = START - timedelta(days=31)
ARCHIVE = range(111, 100, -1)
"""Eleven."""

PUT_IN: dict[str, tuple[list[Item], list[Item]]] = {
    "dated over 30 days back": (items([2, 1]), [*items([2, 1]), *items(ARCHIVE, date=OLD)]),
    "dated over 30 days back, on top": (items([2, 1]), [*items(ARCHIVE, date=OLD), *items([2, 1])]),
    "undated, below known ones": (items([2, 1]), [*items([2, 1]), *items(ARCHIVE, date=None)]),
    "some undated below, the others old": (
        items([2, 1]),
        [*items([2, 1]), *items(range(106, 100, -1), date=None), *items(range(111, 106, -1), date=OLD)],
    ),
}


@pytest.mark.parametrize(("before", "after"), PUT_IN.values(), ids=PUT_IN.keys())
async def test_an_archive_put_into_a_feed_is_remembered_and_not_posted(
    follower: Follower, before: list[Item], after: list[Item]
) -> None:
    await follower.poll(before)
    assert await follower.poll(after) == []
    assert follower.skipped == [one.title for one in after if one not in before]
    assert await follower.poll(after) == []
    assert follower.skipped == []
    assert await follower.poll([item(200), *after]) == ["Article 200"]


POSTED: dict[str, tuple[list[Item], list[Item]]] = {
    "ten, not eleven": (items([2, 1]), [*items([2, 1]), *items(range(110, 100, -1), date=OLD)]),
    "one of them is of this month": (items([2, 1]), [*items([2, 1]), item(112), *items(ARCHIVE, date=OLD)]),
    "just thirty days back": (
        items([2, 1]),
        [*items([2, 1]), *items(ARCHIVE, date=START - timedelta(days=30) + timedelta(hours=1))],
    ),
    "undated, above the known ones": (items([2, 1]), [*items(ARCHIVE, date=None), *items([2, 1])]),
    "undated, and nothing known is listed": (items([2, 1]), items(ARCHIVE, date=None)),
    "undated, at the bottom of a feed that grows downwards": (
        items([1, 2, 3], date=None),
        [*items([1, 2, 3], date=None), *items(range(101, 112), date=None)],
    ),
}


@pytest.mark.parametrize(("before", "after"), POSTED.values(), ids=POSTED.keys())
async def test_what_is_no_archive_is_posted(follower: Follower, before: list[Item], after: list[Item]) -> None:
    await follower.poll(before[:-1])
    assert len(await follower.poll(before)) == 1
    new = [one.title for one in after if one not in before]
    assert sorted(await follower.poll(after)) == sorted(filter(None, new))
    assert follower.skipped == []


async def test_the_first_document_is_no_archive_but_the_baseline(follower: Follower) -> None:
    assert await follower.poll(items(ARCHIVE, date=OLD)) == []
    assert follower.skipped == []


async def test_an_article_of_the_archive_that_is_edited_stays_quiet(follower: Follower) -> None:
    await follower.poll(items([2, 1]))
    archive = items(ARCHIVE, date=OLD)
    await follower.poll([*items([2, 1]), *archive])
    assert await follower.poll([*items([2, 1]), *(replace(one, title="Corrected") for one in archive)]) == []
