"""Ten embeds and 6000 characters are a message; nothing fits beyond, and one embed always goes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.messages.embed_packing import fit, fit_together, size


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [([], 0), ([6000], 1), ([6001], 1), ([3000, 3000, 1], 2), ([3000, 3001], 1), ([1] * 11, 10), ([600] * 10, 10)],
)
def test_so_many_embeds_fit(sizes: list[int], expected: int) -> None:
    assert fit(sizes) == expected


@given(st.lists(st.integers(0, 6000), min_size=1, max_size=30))
def test_as_many_go_as_the_limits_allow_and_no_more(sizes: list[int]) -> None:
    count = fit(sizes)
    assert 1 <= count <= 10
    assert sum(sizes[:count]) <= 6000
    assert count in {10, len(sizes)} or sum(sizes[: count + 1]) > 6000


def test_every_text_that_discord_counts_is_counted_trimmed_and_no_other() -> None:
    embed = {
        "title": " ab ",
        "description": "abc\n",
        "url": "https://not.counted.test",
        "footer": {"text": "abcd"},
        "author": {"name": "abcde", "url": "https://not.counted.test"},
        "fields": [{"name": "a", "value": "😀"}],
    }
    assert size(embed) == 2 + 3 + 4 + 5 + 1 + 2
    assert size({}) == 0


def test_a_url_that_repeats_begins_another_message() -> None:
    page, other = {"title": "a", "url": "https://a.example/x"}, {"title": "b", "url": "https://a.example/y"}
    assert fit_together([page, other, page, other]) == 2
    assert fit_together([page, page]) == 1
    assert fit_together([{"title": "a"}, {"title": "b"}]) == 2
    assert fit_together([]) == 0
    assert fit_together([page, {"title": "b", "url": "https://A.example:443/x"}]) == 1
    assert fit_together([page, {"title": "b", "url": "https://a.example/x#b"}]) == 2
    assert fit_together([{"title": "a", "url": "https://["}, {"title": "b", "url": "https://["}]) == 1
