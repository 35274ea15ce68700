"""Documents made to take for ever: each class is bounded, and what can be read of it is read.

The bound is ten times what it takes here, and far below what feedparser needs without help.
"""

import contextlib
import time
from collections.abc import Callable

import pytest

from bot.errors import ParseError
from bot.feeds.parsing import feed_parser
from bot.feeds.parsing.normalise import MAX_AUTHOR, MAX_TITLE, Draft, finish
from bot.model import ParsedFeed

URL = "https://feeds.example.test/feed"
HEAD, FOOT = b'<?xml version="1.0"?><rss version="2.0"><channel><title>t</title>', b"</channel></rss>"
AFTER = b"<item><title>after</title><link>https://e.example.test/after</link></item>"
SECONDS = 2.0


def seconds_of(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def read(item: bytes, *, well_formed: bool = True) -> ParsedFeed:
    """The feed with this item and one after it, within the bound."""
    body = HEAD + item + (b"" if well_formed else b"<item><b></item>") + AFTER + FOOT
    found: list[ParsedFeed] = []
    assert seconds_of(lambda: found.append(feed_parser.read(body, URL, None))) < SECONDS
    assert found[0].entries[-1].title == "after"
    return found[0]


READERS = pytest.mark.parametrize("well_formed", [True, False], ids=["well-formed", "not well-formed"])


@READERS
@pytest.mark.parametrize("element", [b"author", b"managingEditor", b"webMaster", b"dc:creator", b"itunes:author"])
@pytest.mark.parametrize("text", [b"a." * 50_000, b"<![CDATA[" + b"a.a@" * 25_000 + b"]]>"], ids=["text", "CDATA"])
def test_an_author_of_100_kilobytes(element: bytes, text: bytes, *, well_formed: bool) -> None:
    namespaces = (
        b' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
    )
    item = b"<item%s><title>x</title><%s>%s</%s></item>" % (namespaces, element, text, element)
    assert len(read(item, well_formed=well_formed).entries[0].author or "") <= MAX_AUTHOR


@READERS
def test_an_element_with_20_000_attributes(*, well_formed: bool) -> None:
    attributes = b" ".join(b'a%d="%d"' % (n, n) for n in range(20_000))
    item = b"<item><title>x</title><enclosure url='https://e.example.test/a.mp3' %s/></item>" % attributes
    assert read(item, well_formed=well_formed).entries[0].title == "x"


@READERS
def test_elements_within_elements(*, well_formed: bool) -> None:
    # The reader for what is not well-formed takes three times as long for an element, whatever its depth.
    depth = 100_000 if well_formed else 20_000
    nested = b"<x>" * depth + b"deep" + b"</x>" * depth
    assert read(b"<item><title>x</title>" + nested + b"</item>", well_formed=well_formed).entries[0].title == "x"


@READERS
def test_10_000_categories_of_one_entry(*, well_formed: bool) -> None:
    categories = b"".join(b"<category>c%d</category>" % n for n in range(10_000))
    item = b"<item><title>x</title>" + categories + b"</item>"
    assert read(item, well_formed=well_formed).entries[0].categories[:2] == ("c0", "c1")


def test_3_000_namespaces() -> None:
    spaces = b" ".join(b'xmlns:n%d="https://n%d.example.test/"' % (n, n) for n in range(3_000))
    elements = b"".join(b"<n%d:x>y</n%d:x>" % (n, n) for n in range(3_000)) * 2
    read(b"<item %s><title>x</title>%s</item>" % (spaces, elements))


def test_20_000_entries() -> None:
    body = HEAD + b"".join(b"<item><title>%d</title></item>" % n for n in range(20_000)) + FOOT
    assert seconds_of(lambda: feed_parser.read(body, URL, None)) < 2 * SECONDS


@READERS
def test_a_text_of_megabytes(*, well_formed: bool) -> None:
    text = b"word &lt;b&gt; " * (350_000 if well_formed else 35_000)
    feed = read(b"<item><title>%s</title><description>%s</description></item>" % (text, text), well_formed=well_formed)
    assert len(feed.entries[0].title) <= MAX_TITLE


HTML = {
    "elements within elements": "<div>" * 80_000,
    "lists within lists": "<ul><li>" * 50_000,
    "elements that others pretend to close": "<div></x>" * 45_000,
    "paragraphs closed that were not opened": "<b></p>" * 60_000,
    "brackets": "<" * 400_000,
    "comments that never end": "<!--" * 100_000,
    "tags that never end": "<a " * 130_000,
    "blanks": "x" + " " * 400_000 + "x",
    "blanks where an address would be": "<a href=" + " " * 390_000 + "https://",
    "ampersands": "&" * 400_000,
    "links": "<a href=x>y</a>" * 27_000,
    "pictures": "<img src=x>" * 36_000,
}


@pytest.mark.parametrize("html", HTML.values(), ids=HTML.keys())
def test_an_entrys_html(html: str) -> None:
    draft = Draft(position=0, base="https://e.example.test/", title=html[:100_000], title_is_html=True, html=html)
    assert seconds_of(lambda: finish(draft)) < SECONDS


def test_html_nested_beyond_all_measure_keeps_its_words_and_is_harmless_to_whoever_reads_it() -> None:
    entry = finish(Draft(position=0, base=None, html="<p>a &lt; b</p>" + "<div>" * 5_000 + "<b>deep</b> down"))
    assert entry.text == "a < b deep down"
    assert entry.summary_html.count("<") == 2


def test_html_of_a_word_processor_is_not_taken_for_nested() -> None:
    comment = "<!--[if gte mso 9]><xml>" + "<w:lsd/>" * 3_000 + "</xml><![endif]-->"
    html = comment + "<p>one<br>two</p>" * 1_500
    assert finish(Draft(position=0, base=None, html=html)).summary_html == html


ENTITIES = {
    "a billion laughs": "".join(
        f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' if n else '<!ENTITY l1 "ha">' for n in range(10)
    ),
    "one long entity": f'<!ENTITY l9 "{"ha" * 30_000}">',
    "a file": '<!ENTITY l9 SYSTEM "file:///etc/passwd">',
}


@pytest.mark.parametrize("declared", ENTITIES.values(), ids=ENTITIES.keys())
def test_an_entity_bomb(declared: str) -> None:
    body = f"<!DOCTYPE rss [{declared}]>".encode() + HEAD[21:] + b"<item><title>&l9;</title></item>" + FOOT

    def attempt() -> None:
        with pytest.raises(ParseError, match="entities of its own"):
            feed_parser.read(body, URL, None)

    assert seconds_of(attempt) < SECONDS


UNENDED = {
    "comments before the root": b"<!--" * 16_000 + HEAD,
    "comments": HEAD + AFTER + b"<item><title>x</title>" + b"<!--" * 200_000,
    "CDATA": HEAD + AFTER + b"<item><title>x</title>" + b"<![CDATA[" * 100_000,
    "comments among many entries": HEAD + AFTER * 2_000 + b"<item><!--" * 10_000,
    "tags": HEAD + AFTER + b"<item><title>x</title>" + b"<a " * 50_000,
    "brackets": HEAD + AFTER + b"<item><title>x</title>" + b"<" * 200_000,
    "declarations": b"<!ENTITY " * 7_000 + HEAD,
}


@pytest.mark.parametrize("body", UNENDED.values(), ids=UNENDED.keys())
def test_what_is_opened_and_never_closed(body: bytes) -> None:
    def attempt() -> None:
        with contextlib.suppress(ParseError):
            feed_parser.read(body, URL, None)

    assert seconds_of(attempt) < 2 * SECONDS


JSON = {
    "nested arrays": b'{"items": ' + b"[" * 200_000,
    "nested objects": b'{"a":' * 100_000,
    "a number of 10,000 digits": b'{"items": [{"id": ' + b"9" * 10_000 + b"}]}",
}


@pytest.mark.parametrize("body", JSON.values(), ids=JSON.keys())
def test_json_beyond_all_measure_is_refused(body: bytes) -> None:
    with pytest.raises(ParseError, match="JSON is broken"):
        feed_parser.read(body, URL, None)


def test_json_with_20_000_items_is_read_at_both_ends() -> None:
    items = b",".join(b'{"id": "%d", "title": "%d"}' % (n, n) for n in range(20_000))
    found: list[ParsedFeed] = []
    assert seconds_of(lambda: found.append(feed_parser.read(b'{"items": [' + items + b"]}", URL, None))) < 2 * SECONDS
    assert [found[0].entries[n].title for n in (0, -1)] == ["0", "19999"]
    assert all(entry.title == str(entry.position) for entry in found[0].entries)
