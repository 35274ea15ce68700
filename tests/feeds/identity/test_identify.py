"""Which listed entry is which stored one."""

from collections.abc import Iterable, Sequence

import pytest

from bot.feeds.identity.identify import identify, keys
from bot.model import Entry, MatchedEntry, StoredEntry

SITE = "https://blog.example.test"


def entry(guid: str | None, link: str | None, title: str = "T", html: str = "body") -> Entry:
    return Entry(keys=keys(guid=guid, link=link, title=title, html=html), position=0, guid=guid, link=link, title=title)


class Memory:
    """Remembers entries as the store does: keys follow the newest document, uids stay."""

    def __init__(self) -> None:
        self.known: dict[int, StoredEntry] = {}
        self.listed: set[int] = set()

    def poll(self, entries: Sequence[Entry]) -> tuple[MatchedEntry, ...]:
        listed = identify(entries, tuple(self.known.values()), listed=self.listed)
        self.listed = set()
        # As in the store, what is listed further up gets the higher number.
        for item in reversed(listed):
            number = item.known_id or len(self.known) + 1
            self.known[number] = StoredEntry(id=number, uid=item.uid, keys=item.entry.keys)
            self.listed.add(number)
        uids = [item.uid for item in self.known.values()]
        assert len(set(uids)) == len(uids)
        assert all(len(uid) <= 80 for uid in uids)
        return listed

    def new_in(self, entries: Sequence[Entry]) -> int:
        return sum(item.known_id is None for item in self.poll(entries))


def numbered(numbers: Iterable[int], *, guid: str = "g{}", link: str | None = SITE + "/p/{}") -> list[Entry]:
    return [entry(guid.format(n), link and link.format(n), f"Post {n}", f"Body {n}") for n in numbers]


SAME = {
    "the same document": (numbered([3, 2, 1]), numbered([3, 2, 1])),
    "another order": (numbered([3, 2, 1]), numbered([1, 3, 2])),
    "all guids changed, links stay": (numbered([3, 2, 1]), numbered([3, 2, 1], guid="urn:new:{}")),
    "all links changed, guids stay": (numbered([3, 2, 1]), numbered([3, 2, 1], link="https://moved.example.test/{}")),
    "guid is an address that became https": (
        numbered([2, 1], guid="http://www.blog.example.test/{}", link=None),
        numbered([2, 1], guid="https://blog.example.test/{}", link=None),
    ),
    "tracking parameters come and go": (
        numbered([2, 1], guid=SITE + "/{}?utm_source=rss", link=SITE + "/{}?utm_source=rss"),
        numbered([2, 1], guid=SITE + "/{}?utm_source=atom", link=SITE + "/{}"),
    ),
    "white space around the guid": ([entry("g1", None)], [entry(" g1\n", None)]),
    "guids were dropped": ([entry("g1", SITE + "/1")], [entry(None, SITE + "/1")]),
    "guids were added": ([entry(None, SITE + "/1")], [entry("g1", SITE + "/1")]),
    "guids and links repeat, but never the two together": (
        [entry(guid, SITE + link) for guid in "ab" for link in ("/1", "/2")],
        [entry(guid, SITE + link, "Edited " + guid + link) for guid in "ab" for link in ("/1", "/2")],
    ),
    "no guid, edited": ([entry(None, SITE + "/1", "A")], [entry(None, SITE + "/1", "B", "other")]),
    "neither guid nor link": (
        [entry(None, None, "A"), entry(None, None, "B")],
        [entry(None, None, "B"), entry(None, None, "A")],
    ),
    "under a link that is known twice": (
        [entry(None, SITE + "/1", "A"), entry("g", SITE + "/1", "B")],
        [entry(None, SITE + "/1", "A")],
    ),
    "listed twice, an old and an edited copy": (
        [entry("g", SITE + "/1", "A")],
        [entry("g", SITE + "/1", "A2"), entry("g", SITE + "/1", "A")],
    ),
}


@pytest.mark.parametrize(("first", "second"), SAME.values(), ids=SAME.keys())
def test_is_nothing_new(first: list[Entry], second: list[Entry]) -> None:
    memory = Memory()
    memory.poll(first)
    assert memory.new_in(second) == 0
    assert memory.new_in(second) == 0


NEW = {
    "a new guid under a new link": (numbered([1]), numbered([2, 1]), 1),
    "one guid for all, told apart by links": (numbered([2, 1], guid="x"), numbered([3, 2, 1], guid="x"), 1),
    "one link for all, told apart by guids": (
        numbered([2, 1], link=SITE + "/news"),
        numbered([3, 2, 1], link=SITE + "/news"),
        1,
    ),
    "the front page as link, one entry at a time": (numbered([1], link=SITE + "/"), numbered([2], link=SITE + "/"), 1),
    "one link for all and no guid": (
        [entry(None, SITE + "/news", "A"), entry(None, SITE + "/news", "B")],
        [entry(None, SITE + "/news", t) for t in "CAB"],
        1,
    ),
    "one guid and link for all": (
        [entry("x", SITE + "/news", t) for t in "ABC"],
        [entry("x", SITE + "/news", t) for t in "DABC"],
        1,
    ),
    "one guid for all and no link": ([entry("x", None, t) for t in "AB"], [entry("x", None, t) for t in "CAB"], 1),
    "two entries link to one page": (numbered([1]), [*numbered([1]), entry("other", SITE + "/p/1", "Again")], 1),
    "the old guid is still listed": (
        [entry("a", SITE + "/1"), entry("b", SITE + "/2")],
        [entry("a", SITE + "/2"), entry("c", SITE + "/1", "New")],
        1,
    ),
    "the old guid is still listed, for two others": (
        [entry("a", SITE + "/1")],
        [entry("a", SITE + "/2"), entry("a", SITE + "/3"), entry("c", SITE + "/1", "New")],
        3,
    ),
    "same words under a guid of its own": ([entry("a", None)], [entry("b", None)], 1),
    "all at once": (numbered([1]), numbered(range(2, 60)), 58),
}


@pytest.mark.parametrize(("first", "second", "count"), NEW.values(), ids=NEW.keys())
def test_counts_new_entries_once(first: list[Entry], second: list[Entry], count: int) -> None:
    memory = Memory()
    memory.poll(first)
    assert memory.new_in(second) == count
    assert memory.new_in(second) == 0


def test_a_new_entry_under_a_link_that_is_known_twice_is_new_once() -> None:
    memory = Memory()
    memory.poll([entry(None, SITE + "/1", "A"), entry("g", SITE + "/1", "B")])
    assert memory.new_in([entry(None, SITE + "/1", "C")]) == 1
    assert memory.new_in([entry(None, SITE + "/1", "C")]) == 0


def test_an_entry_that_left_and_comes_back_is_known() -> None:
    memory = Memory()
    memory.poll(numbered([3, 2, 1]))
    memory.poll(numbered([4]))
    assert memory.new_in(numbered([4, 3, 2, 1])) == 0


def test_a_copy_in_the_document_is_listed_once() -> None:
    listed = Memory().poll([*numbered([2, 1]), *numbered([2])])
    assert [item.parsed.title for item in listed] == ["Post 2", "Post 1"]


def test_a_new_title_a_new_guid_and_new_words_are_changes_and_nothing_else_is() -> None:
    memory = Memory()
    (first,) = memory.poll([entry("a", SITE + "/1")])
    assert first.changed is False
    assert memory.poll([entry("a", "http://www.blog.example.test/1")])[0].changed is False
    assert memory.poll([entry("a", SITE + "/1", "Edited")])[0].changed is True
    (renamed,) = memory.poll([entry("b", SITE + "/1", "Edited")])
    assert (renamed.changed, renamed.uid) == (True, first.uid)


def test_a_uid_says_what_the_entry_was_told_by() -> None:
    listed = Memory().poll(
        [
            entry("a", None),
            entry("x", SITE + "/1"),
            entry("x", SITE + "/2"),
            entry(None, SITE + "/3"),
            entry(None, None),
        ]
    )
    assert [item.uid.split(":")[0] for item in listed] == ["g", "gl", "gl", "l", "c"]


def test_uids_stay_unique_when_links_are_handed_on() -> None:
    memory = Memory()
    memory.poll([entry("a", None, "A"), entry(None, SITE + "/1", "B")])
    memory.poll([entry("b", SITE + "/1", "B")])
    assert memory.new_in([entry("b", SITE + "/2", "B"), entry(None, SITE + "/1", "C")]) == 1
