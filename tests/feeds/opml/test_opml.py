"""Subscription lists: read as they were meant, written as others read them."""

import gzip
import json
import time
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import UserError
from bot.feeds.opml import opml
from bot.feeds.opml.opml import ListedFeed
from bot.url_normalisation import canonical
from tests.builders import START
from tests.paths import SHARED


def listed(body: str, encoding: str = "utf-8") -> dict[str, tuple[str | None, tuple[tuple[str, ...], ...]]]:
    """Title and folders by address."""
    found = opml.read(f"<opml version='2.0'><head/><body>{body}</body></opml>".encode(encoding))
    return {feed.url: (feed.title, feed.folders) for feed in found.feeds}


A, B, C = "https://a.example/feed", "https://b.example/feed", "https://c.example/feed"


def test_folders_titles_and_sites_are_read() -> None:
    found = opml.read(
        b"""<?xml version="1.0"?><opml version="2.0"><head><title>My &amp; your feeds</title></head><body>
        <outline text="News"><outline text="World">
          <outline type="rss" text="A &amp; co" xmlUrl="https://a.example/feed" htmlUrl="https://a.example/"/>
        </outline><outline text="b" xmlUrl="https://b.example/feed"></outline></outline>
        <outline title="Only a title" xmlUrl="https://c.example/feed"/>
        </body></opml>"""
    )
    assert found.title == "My & your feeds"
    assert found.feeds == (
        ListedFeed(A, "A & co", "https://a.example/", (("News", "World"),)),
        ListedFeed(B, "b", None, (("News",),)),
        ListedFeed(C, "Only a title", None, ()),
    )


def test_attributes_and_elements_count_in_any_case() -> None:
    assert listed(f'<Outline TEXT="a" XMLURL="{A}"/><OUTLINE text="b" xmlurl="{B}"/>') == {A: ("a", ()), B: ("b", ())}


def test_a_feed_in_several_places_is_one_feed_in_all_their_folders() -> None:
    found = opml.read(
        f"""<opml><outline text="x"><outline text="a" xmlUrl="{A}"/><outline text="a" xmlUrl="{A}"/></outline>
        <outline text="y"><outline text="again" xmlUrl="http://www.a.example/feed/"/></outline></opml>""".encode()
    )
    assert found.feeds == (ListedFeed(A, "a", None, (("x",), ("y",))),)
    assert found.repeated == 2


def test_addresses_with_different_passwords_are_different_feeds() -> None:
    first, second = "https://me:one@a.example/feed", "https://me:two@a.example/feed"
    assert list(listed(f'<outline xmlUrl="{first}"/><outline xmlUrl="{second}"/>')) == [first, second]


@pytest.mark.parametrize(
    ("category", "folders", "tags"),
    [
        ("/News/World", (("News", "World"),), ()),
        ("/News,/Tech/Go,fun", (("News",), ("Tech", "Go")), ("fun",)),
        ("fun, games ,,", (), ("fun", "games")),
        ("//,/", (), ()),
    ],
)
def test_a_category_names_folders_and_tags(
    category: str, folders: tuple[tuple[str, ...], ...], tags: tuple[str, ...]
) -> None:
    [feed] = opml.read(f'<opml><outline xmlUrl="{A}" category="{category}"/></opml>'.encode()).feeds
    assert (feed.folders, feed.tags) == (folders, tags)


def test_the_folder_a_feed_stands_in_counts_before_its_category() -> None:
    assert listed(f'<outline text="x"><outline xmlUrl="{A}" category="/y"/></outline>') == {A: (None, (("x",),))}


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("feed://a.example/feed", A),
        ("feed:https://a.example/feed", A),
        ("www.a.example/feed", "https://www.a.example/feed"),
        (" https://a.example/feed#top ", A),
        ("http://intranet/feed", "http://intranet/feed"),
        ("https://a.example/?a=1&amp;copy=2", "https://a.example/?a=1&copy=2"),
        ("https://a.example/?a=1&copy=2&lt=3", "https://a.example/?a=1&copy=2&lt=3"),
    ],
)
def test_an_address_is_read_as_it_was_meant(written: str, url: str) -> None:
    assert list(listed(f'<outline text="a" xmlUrl="{written}"/>')) == [url]


def test_what_is_no_address_is_named() -> None:
    found = opml.read(
        f'<opml><outline xmlUrl="|~/run.py"/><outline xmlUrl="vfolder"/><outline xmlUrl="{A}"/></opml>'.encode()
    )
    assert found.unusable == ("|~/run.py", "vfolder")
    assert [feed.url for feed in found.feeds] == [A]


def test_links_without_a_feed_are_no_feeds_but_an_old_way_to_write_one_is() -> None:
    found = listed(f'<outline text="x" type="link" url="{A}"/><outline text="b" type="RSS" url="{B}"/>')
    assert found == {B: ("b", ())}


# --- broken lists ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "titles"),
    [
        (f'<outline text="R&D &amp; so" xmlUrl="{A}"/>', ["R&D & so"]),
        (f'<outline text="a &aelig; &unknown;" xmlUrl="{A}"/>', ["a æ &unknown;"]),
        (f'<outline text="x < y > z" xmlUrl="{A}"/><outline text="b" xmlUrl="{B}"/>', ["x < y > z", "b"]),
        (f'<outline text="The "Daily" News" title="The "Daily" News" xmlUrl="{A}"/>', ['The "Daily" News']),
        (
            f'<outline text="a" description="<a href="{C}" title="no" rel="x">this</a>, it"s." xmlUrl="{A}"/><outline text="b" xmlUrl="{B}"/>',
            ["a", "b"],
        ),
        (f'<outline text="a" xmlUrl="{A}"<outline text="b" xmlUrl="{B}"/>', ["a", "b"]),
        (f'<outline text="a" xmlUrl="{A}"><outline text="b" xmlUrl="{B}">', ["a", "b"]),
        (f'</outline></nothing:at.all><outline text="a" xmlUrl="{A}"/></outline>', ["a"]),
        (f'<outline text=\'a\' xmlUrl = "{A}" />', ["a"]),
        (f'<outline text="a" xmlUrl="{A}" text="again"/>', ["a"]),
        (f'<outline text="a\n b" xmlUrl="{A}"/>', ["a b"]),
        (f'<!-- <outline text="no" xmlUrl="{B}"/> --><outline text="a" xmlUrl="{A}"/>', ["a"]),
        (f'<!-- never ends <outline text="a" xmlUrl="{A}"/>', ["a"]),
        (f'<![CDATA[<outline text="no" xmlUrl="{B}"/>]]><outline text="a" xmlUrl="{A}"/>', ["a"]),
    ],
    ids=[
        "bare ampersand", "unknown entities", "angle brackets in a value", "quotes in a value", "a link in a value",
        "a tag without its end", "elements without their ends", "ends without a start", "single quotes and blanks",
        "an attribute twice", "a line break in a value", "a comment", "a comment without an end", "character data",
    ],
)  # fmt: skip
def test_a_broken_list_is_read_as_it_was_meant(body: str, titles: list[str]) -> None:
    assert [title for title, _ in listed(body).values()] == titles


def test_a_list_that_breaks_off_gives_what_it_has() -> None:
    whole = f'<opml><body><outline text="x"><outline text="a" xmlUrl="{A}"/><outline text="b" xmlUrl="{B}"/></outline>'
    for length in range(len(whole)):
        if "<o" not in whole[:length]:
            continue
        try:
            found = {feed.url for feed in opml.read(whole[:length].encode()).feeds}
        except UserError:
            continue  # it breaks off before anything tells that it is a list
        assert (A in found) >= (length > whole.index("/><outline")), whole[:length]


def test_a_web_page_around_a_list_does_no_harm() -> None:
    outline = f'<outline text="a" xmlUrl="{A}"/>'
    assert list(opml.read(f"<html><p>Your list:<br><opml>{outline}</opml><script>x</script>".encode()).feeds)
    shown = outline.replace("<", "&lt;").replace(">", "&gt;")
    [feed] = opml.read(f"<html><pre>&lt;opml&gt;{shown}</pre>".encode()).feeds
    assert (feed.url, feed.title) == (A, "a")


@pytest.mark.parametrize(
    ("declared", "written"),
    [
        ("utf-8", "utf-8"), ("iso-8859-1", "latin-1"), ("utf-8", "latin-1"), ("iso-8859-1", "utf-8"),
        ("utf-16", "utf-16"), ("nonsense", "utf-8"), ("utf-16", "utf-8"), ("base64", "latin-1"),
    ],
)  # fmt: skip
def test_a_wrong_encoding_is_seen_through(declared: str, written: str) -> None:
    body = f'<?xml version="1.0" encoding="{declared}"?><opml><outline text="Üben" xmlUrl="{A}"/></opml>'
    [feed] = opml.read(body.encode(written)).feeds
    assert feed.title == "Üben"


def test_stray_bytes_in_utf_8_leave_the_rest_alone() -> None:
    body = '<opml><outline text="日本 \x85'.encode() + b'\x93x\x94" xmlUrl="' + A.encode() + b'"/></opml>'
    [feed] = opml.read(body).feeds
    assert feed.title is not None
    assert feed.title.startswith("日本")
    assert feed.title.endswith("“x”")


def test_entities_that_a_list_declares_do_not_grow() -> None:
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 30))
    body = f'<!DOCTYPE opml [<!ENTITY e0 "ha">{levels}<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    [feed] = opml.read(f'{body}<opml><outline text="&e29;&f;" xmlUrl="{A}"/></opml>'.encode()).feeds
    assert feed.title == "&e29;&f;"


@pytest.mark.parametrize(
    "body", [b"", b"hello", b"<html><body>404</body></html>", b"\x89PNG\r\n", b"https://a.example"]
)
def test_what_is_no_list_is_refused_in_plain_words(body: bytes) -> None:
    with pytest.raises(UserError, match=r"That is no list of feeds\. Export one from your feed reader as OPML"):
        opml.read(body)


def test_a_list_of_nothing_is_a_list() -> None:
    assert opml.read(b"<opml version='2.0'><head/><body/></opml>").feeds == ()


# --- hostile lists -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        b'<outline text="x">' * 100_000,
        b"<outline " * 200_000,
        b'<outline text="' * 200_000,
        b'<outline text="x' * 100_000 + b'"' * 100_000,
        b"<!--" * 500_000,
        b"<![CDATA[" * 200_000,
        b"<!DOCTYPE [" * 200_000,
        b"<outline a=" + b'"' * 2_000_000,
        b"<outline" + b" " * 2_000_000,
        b'<outline text="x" ' + b"text=" * 300_000 + b"/>",
        b"&lt;outline " * 150_000,
        b"<outline xmlUrl='|'/>" * 90_000,
        b"".join(b'<outline text="x"><outline xmlUrl="http://h/%d"/>' % n for n in range(40_000)),
    ],
    ids=[
        "deep folders", "open tags", "open values", "quotes", "open comments", "open sections", "open declarations",
        "many quotes", "many blanks", "many attributes", "escaped", "no addresses", "a feed at each depth",
    ],
)  # fmt: skip
def test_a_hostile_list_is_bounded(body: bytes) -> None:
    started = time.process_time()
    found = opml.read(b"<opml>" + body)
    assert time.process_time() - started < 5.0
    assert len(found.feeds) + len(found.unusable) <= 2 * opml.MAX_FEEDS
    assert max((len(folder) for feed in found.feeds for folder in feed.folders), default=0) <= opml.DEEPEST


def test_too_large_a_list_is_refused_before_it_is_read() -> None:
    with pytest.raises(UserError, match="larger than 10 MB"):
        opml.read(b"<opml>" + b" " * opml.MAX_BYTES)


def test_feeds_beyond_the_most_are_counted() -> None:
    many = "".join(f'<outline xmlUrl="https://a.example/{n}"/>' for n in range(opml.MAX_FEEDS + 7))
    found = opml.read(f"<opml>{many}</opml>".encode())
    assert (len(found.feeds), found.left_out) == (opml.MAX_FEEDS, 7)


# --- writing -----------------------------------------------------------------------------------------


def test_a_written_list_is_well_formed_and_holds_no_password() -> None:
    text = opml.write(
        "Feeds & more \x07",
        [
            (
                "<Networks>",
                [ListedFeed("https://me:secret@a.example/feed?x=1&y=2", 'A "blog"', "https://u:p@a.example/")],
            )
        ],
        now=START,
    )
    root = ET.fromstring(text)
    [outline] = root.iterfind("body/outline/outline")
    assert outline.attrib == {
        "type": "rss",
        "text": 'A "blog"',
        "title": 'A "blog"',
        "xmlUrl": "https://a.example/feed?x=1&y=2",
        "htmlUrl": "https://a.example/",
    }
    assert "secret" not in text
    assert root.findtext("head/dateCreated") == "Thu, 01 Jan 2026 12:00:00 +0000"


names = st.text(st.characters(codec="utf-8", exclude_categories=["Z", "C"]), min_size=1, max_size=12)


@settings(max_examples=60)
@given(st.dictionaries(names, st.lists(names, max_size=4), max_size=4))
def test_what_is_written_is_read_back(topics: dict[str, list[str]]) -> None:
    numbers = iter(range(100))
    feeds = {
        topic: [ListedFeed(f"https://a.example/{next(numbers)}", t) for t in titles] for topic, titles in topics.items()
    }
    found = opml.read(opml.write("x", feeds.items(), now=START).encode())
    assert [(feed.url, feed.title, feed.folders) for feed in found.feeds] == [
        (feed.url, feed.title, ((topic,),)) for topic, listed in feeds.items() for feed in listed
    ]


values = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]), max_size=30)


@settings(max_examples=60)
@given(st.lists(st.tuples(values, values, st.booleans()), max_size=6))
def test_a_well_formed_list_is_read_as_an_xml_parser_reads_it(rows: list[tuple[str, str, bool]]) -> None:
    root = ET.Element("opml")
    here = ET.SubElement(root, "body")
    for number, (text, other, nested) in enumerate(rows):
        attributes = {"text": text, "other": other, "xmlUrl": f"https://a.example/{number}"}
        child = ET.SubElement(here, "outline", attributes)
        here = child if nested else here
    body = ET.tostring(root, encoding="utf-8")
    expected = [
        (" ".join(opml._clean(each.attrib["text"]).split())[: opml.MAX_NAME] or None, each.attrib["xmlUrl"])
        for each in ET.fromstring(body).iter("outline")
    ]
    assert [(feed.title, feed.url) for feed in opml.read(body).feeds] == expected


# --- lists that people really import -----------------------------------------------------------------


def test_real_lists_give_at_least_what_a_recovering_xml_parser_finds() -> None:
    path = SHARED / "corpus/opml/ORACLE.json"
    if not path.exists():
        pytest.skip(f"the shared corpus is not at {SHARED}: set RIVERPOST_SHARED")
    fewer, broken = [], 0
    for row in json.loads(path.read_text("utf-8")):
        file = SHARED / "corpus" / row["path"]
        packed = file.with_name(f"{file.name}.raw.gz")
        if not file.exists() and not packed.exists():
            continue
        body = file.read_bytes() if file.exists() else gzip.decompress(packed.read_bytes())
        found = opml.read(body)
        count = len(found.feeds) + found.repeated + len(found.unusable)
        broken += not row["well_formed"]
        agrees = count == row["feeds"] if row["well_formed"] else count >= row["feeds"]
        known = {canonical(feed.url) for feed in found.feeds}
        # The other parser cuts an address at a bare ampersand, so only well-formed lists tell which are right.
        first = {canonical(opml.usable(url) or "") for url in row["first"] if row["well_formed"]} - {""}
        if not agrees or not first <= known:
            fewer.append((row["path"], count, row["feeds"]))
    assert fewer == []
    assert broken > 50
