"""Which feeds are offered, in which order, each once."""

from dataclasses import replace

import pytest

from bot.feeds.discovery.candidates import Candidate, Origin
from bot.feeds.discovery.ranking import Found, Read, best, holds_comments
from bot.feeds.identity import identify
from bot.model import Enclosure, Entry, FetchAddress, Fetched, ParsedFeed
from tests.builders import entry

HOME = "https://blog.example/"


def feed(
    url: str,
    *entries: Entry,
    title: str | None = None,
    declared: str | None = None,
    final: str | None = None,
    origin: Origin = Origin.DECLARED,
    label: str = "",
    aside: bool = False,
) -> Read:
    parsed = ParsedFeed(title or url, HOME, None, entries, declared_url=declared)
    fetched = Fetched(final or url, None, 200, b"", "d", None, None, None)
    return Read(
        Candidate(url, origin, label, aside),
        Found(FetchAddress(url), title or url, len(entries), fetched, parsed, label),
    )


def offered(*read: Read, page: str = HOME) -> list[str]:
    return [found.url.reveal().removeprefix(HOME) for found in best(read, page)]


def linked(number: int, link: str) -> Entry:
    made = entry(number)
    return replace(made, link=link, keys=identify.keys(guid=None, link=link, title=made.title, html=""))


def test_the_main_feed_comes_first_then_parts_then_empty_ones() -> None:
    assert offered(
        feed(f"{HOME}new"),
        feed(f"{HOME}category/cloud/feed", entry(1)),
        feed(f"{HOME}en.xml", entry(2), aside=True),
        feed(f"{HOME}feed", entry(3)),
    ) == ["feed", "category/cloud/feed", "en.xml", "new"]


def test_the_feed_of_the_very_page_comes_before_that_of_its_site() -> None:
    part, main = feed(f"{HOME}category/cloud/feed", entry(1)), feed(f"{HOME}feed", entry(3))
    assert offered(main, part, page=f"{HOME}category/cloud/") == ["category/cloud/feed", "feed"]
    assert offered(main, part, page=f"{HOME}category/other/") == ["feed", "category/cloud/feed"]


def test_what_the_page_declares_comes_before_what_it_links_to() -> None:
    read = (feed(f"{HOME}a", entry(1), origin=Origin.LINKED), feed(f"{HOME}b", entry(2)))
    assert offered(*read) == ["b", "a"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (feed(f"{HOME}a", entry(1)), feed(f"{HOME}b", entry(2), final=f"{HOME}a/")),
        (feed("http://www.blog.example/a", entry(1)), feed(f"{HOME}a", entry(2))),
        (feed(f"{HOME}a", declared=f"{HOME}x"), feed(f"{HOME}b", declared=f"{HOME}x")),
        (feed(f"{HOME}a", entry(1), entry(2)), feed(f"{HOME}b", entry(1), entry(2), entry(3))),
        (feed(f"{HOME}a", *map(entry, range(20))), feed(f"{HOME}b", *map(entry, range(1, 12)))),
    ],
    ids=["one leads to the other", "but for the scheme", "both say the same", "one is shorter", "one article later"],
)
def test_one_feed_under_two_addresses_is_offered_once(one: Read, other: Read) -> None:
    assert len(best([one, other], HOME)) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (feed(f"{HOME}a", *map(entry, range(9))), feed(f"{HOME}b", entry(2), entry(5), entry(8))),
        (feed(f"{HOME}a", entry(1)), feed(f"{HOME}b")),
        (feed(f"{HOME}a"), feed(f"{HOME}b")),
        (feed(f"{HOME}a", entry(1), declared=f"{HOME}x"), feed(f"{HOME}b", entry(2), declared=f"{HOME}x")),
        (
            feed(f"{HOME}a", replace(entry(1), enclosure=Enclosure(f"{HOME}1", "audio/mpeg"))),
            feed(f"{HOME}b", replace(entry(1), enclosure=Enclosure(f"{HOME}1", "video/mp4"))),
        ),
    ],
    ids=["a part of it", "one is empty", "both are empty", "a wrong self link", "sound and video"],
)
def test_two_feeds_that_differ_are_both_offered(one: Read, other: Read) -> None:
    assert len(best([one, other], HOME)) == 2


def test_of_two_formats_the_one_with_whole_articles_stays_at_the_place_of_the_first() -> None:
    short = [replace(entry(number), text="Short.") for number in range(3)]
    whole = [replace(entry(number), text="The whole long article.") for number in range(3)]
    assert offered(feed(f"{HOME}rss", *short), feed(f"{HOME}atom", *whole), feed(f"{HOME}x", entry(9))) == ["atom", "x"]
    assert offered(feed(f"{HOME}rss", *whole), feed(f"{HOME}atom", *short)) == ["rss"]
    assert offered(feed(f"{HOME}rss", *short), feed(f"{HOME}atom", *short)) == ["rss"]


def test_comments_are_left_out_unless_they_are_what_was_asked_for() -> None:
    comments = [linked(number, f"{HOME}post/#comment-{number}") for number in range(3)]
    assert offered(feed(f"{HOME}feed", entry(1)), feed(f"{HOME}x", *comments)) == ["feed"]
    assert offered(feed(f"{HOME}x", title="Comments on: A post")) == []
    assert offered(feed(f"{HOME}x", *comments, origin=Origin.KNOWN)) == ["x"]


def test_articles_with_a_fragment_in_their_links_are_no_comments() -> None:
    parsed = feed(f"{HOME}x", linked(1, f"{HOME}log#day-1"), linked(2, f"{HOME}log#day-2")).found.parsed
    assert not holds_comments(parsed)


def test_feeds_of_one_title_are_told_apart_by_label_else_by_address() -> None:
    read = (
        feed(f"{HOME}a?x=1", entry(1), title="News", label="World"),
        feed(f"{HOME}b?x=1", entry(2), title="News"),
        feed(f"{HOME}c", entry(3), title="Sport", label="Other"),
    )
    assert [found.title for found in best(read, HOME)] == ["News · World", "News · /b?x=1", "Sport"]
