"""Documents with very many entries lose those in the middle before they are parsed."""

from bot.feeds.parsing import feed_parser
from bot.feeds.parsing.jsonfeed import MAX_ENTRIES
from bot.feeds.parsing.truncate import thinned

HEAD, FOOT = b'<rss version="2.0"><channel><title>t</title>', b"</channel></rss>"


def item(number: int) -> bytes:
    return b"<item><title>%d</title></item>" % number


def test_both_ends_stay() -> None:
    items = [item(n) for n in range(10)]
    body, removed = thinned(HEAD + b"".join(items) + FOOT, 4)
    assert body == HEAD + b"".join(items[:2] + items[-2:]) + FOOT
    assert removed == 6


def test_few_enough_stay_as_they_are() -> None:
    body = HEAD + item(1) * 4 + FOOT
    assert thinned(body, 4) == (body, 0)


def test_what_only_looks_like_an_entry_does_not_count() -> None:
    quoted = b"<item><description><![CDATA[<item><item>]]></description><!-- <item> --></item>"
    body = HEAD + quoted * 4 + FOOT
    assert thinned(body, 4) == (body, 0)
    thin, removed = thinned(HEAD + quoted * 5 + FOOT, 4)
    assert (thin, removed) == (body, 1)


def test_entries_within_entries_are_left_alone() -> None:
    body = HEAD + b"<item><item></item></item>" * 5 + FOOT
    assert thinned(body, 4) == (body, 0)
    body = HEAD + b"<item>" * 9 + FOOT
    assert thinned(body, 4) == (body, 0)


def test_positions_are_those_of_the_whole_document() -> None:
    body = HEAD + b"".join(item(n) for n in range(MAX_ENTRIES + 10)) + FOOT
    entries = feed_parser.read(body, "https://e.example.test/feed", None).entries
    assert len(entries) == MAX_ENTRIES
    assert all(entry.title == str(entry.position) for entry in entries)
