"""Bytes of documents in memory: bounded in all, and nobody kept out by who filled it."""

import contextlib

import pytest

from bot.feeds.fairness.body_memory_budget import SMALL_BYTES, BodyBudget, TooManyBytesError
from bot.feeds.fairness.tenants import Usage

MEGABYTE = 1_000_000


def test_one_server_alone_may_fill_it_and_not_more() -> None:
    budget = BodyBudget(10 * MEGABYTE)
    for _ in range(10):
        budget.grow(Usage([1]), MEGABYTE)
    with pytest.raises(TooManyBytesError):
        budget.grow(Usage([1]), MEGABYTE)


def test_once_it_is_full_another_server_still_has_its_share() -> None:
    budget = BodyBudget(10 * MEGABYTE)
    budget.grow(Usage([1]), 10 * MEGABYTE)
    second = Usage([2])
    for _ in range(5):
        budget.grow(second, MEGABYTE)
    with pytest.raises(TooManyBytesError):
        budget.grow(second, MEGABYTE)
    with pytest.raises(TooManyBytesError):
        budget.grow(Usage([1]), 1)


def test_a_small_document_always_has_room() -> None:
    budget = BodyBudget(10 * MEGABYTE)
    for server in range(100):
        budget.grow(Usage([server]), SMALL_BYTES)
    assert budget.total == 100 * SMALL_BYTES


def test_in_all_there_is_never_more_than_twice_the_budget_and_a_small_document_for_each_server() -> None:
    budget = BodyBudget(10 * MEGABYTE)
    for server in range(50):
        usage = Usage([server])
        with contextlib.suppress(TooManyBytesError):
            for _ in range(100):
                budget.grow(usage, MEGABYTE // 2)
    assert budget.total <= 20 * MEGABYTE + 50 * SMALL_BYTES


def test_what_is_done_makes_room() -> None:
    budget = BodyBudget(10 * MEGABYTE)
    usages = [Usage([1]) for _ in range(10)]
    for usage in usages:
        budget.grow(usage, MEGABYTE)
    usages[0].end()
    budget.grow(Usage([1]), MEGABYTE)
    for usage in usages[1:]:
        usage.end()
    assert budget.total == MEGABYTE


def test_a_document_that_servers_share_counts_for_the_one_that_has_least() -> None:
    budget = BodyBudget(10 * MEGABYTE)
    budget.grow(Usage([1]), 10 * MEGABYTE)
    budget.grow(Usage([1, 2]), 5 * MEGABYTE)
