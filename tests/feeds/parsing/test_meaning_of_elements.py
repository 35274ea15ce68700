"""What an element means depends on where it stands; what a reader would not see is not there."""

import html
import json

import pytest

from bot.feeds.parsing import feed_parser
from bot.feeds.parsing.normalise import author_name
from bot.model import Entry

FEED = "https://site.example.test/notes/feed.xml"
NAMESPACES = (
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"'
)


def rss(item: str) -> Entry:
    text = (
        f'<rss version="2.0" {NAMESPACES}><channel><title>S</title><link>https://site.example.test/</link>'
        f"<item>{item}</item></channel></rss>"
    )
    return feed_parser.read(text.encode(), FEED, None).entries[0]


def atom(entry: str, attributes: str = "") -> Entry:
    text = (
        f'<feed xmlns="http://www.w3.org/2005/Atom" {attributes}><title>S</title><id>urn:s</id>'
        f'<link href="https://site.example.test/"/><entry><id>urn:e</id>{entry}</entry></feed>'
    )
    return feed_parser.read(text.encode(), FEED, None).entries[0]


ALT = (
    "<media:description type='plain'>A heron on a post, and a much longer account of all the water.</media:description>"
)


@pytest.mark.parametrize(
    "item",
    [
        f"<description>The lake froze.</description><media:content url='/a.jpg' medium='image'>{ALT}</media:content>",
        f"<media:content url='/a.jpg' medium='image'>{ALT}</media:content><description>The lake froze.</description>",
        f"<description>The lake froze.</description><media:group><media:content url='/a.jpg'/>{ALT}</media:group>",
        f"{ALT}<content:encoded>The lake froze.</content:encoded>",
    ],
)
def test_the_description_of_a_picture_is_not_the_articles_text(item: str) -> None:
    assert rss(item).text == "The lake froze."


def test_the_description_of_a_film_stands_for_an_article_without_words() -> None:
    entry = rss(f"<title>T</title><media:group><media:title>M</media:title>{ALT}</media:group>")
    assert (entry.title, entry.text[:15]) == ("T", "A heron on a po")


def test_a_picture_has_a_title_of_its_own() -> None:
    assert rss("<media:title>Photo</media:title><description>Words.</description>").title == ""
    assert rss("<media:content url='/a.jpg'><media:title>Photo</media:title></media:content>").title == "Photo"


@pytest.mark.parametrize(
    "item",
    [
        "<title>Vote</title><image><title>Photo</title><url>/i.jpg</url></image><link>/v</link>",
        "<image><url>/i.jpg</url><title>Photo</title><link>/photo</link></image><title>Vote</title><link>/v</link>",
        "<title>Vote</title><link>/v</link><image>/i.jpg</image>",
        "<title>Vote</title><link>/v</link><image url='/i.jpg'/>",
    ],
)
def test_the_image_of_an_item_gives_its_picture_and_nothing_else(item: str) -> None:
    entry = rss(item)
    found = (entry.title, entry.link, entry.image_url)
    assert found == ("Vote", "https://site.example.test/v", "https://site.example.test/i.jpg")


@pytest.mark.parametrize(
    "item",
    [
        "<title>Letter</title><description>&lt;![CDATA[Open again.]]&gt;</description>",
        "<title>&lt;![CDATA[Letter]]&gt;</title><description><![CDATA[&lt;![CDATA[<p>Open again.</p>]]&gt;]]></description>",
        "<title>Letter</title><content:encoded>&lt;![CDATA[&lt;b&gt;Open&lt;/b&gt; again.]]&gt;</content:encoded>",
    ],
)
def test_marks_of_cdata_that_were_escaped_are_not_shown(item: str) -> None:
    entry = rss(
        item.replace("<![CDATA[&lt;![CDATA[<p>", "&lt;![CDATA[&lt;p&gt;").replace("</p>]]&gt;]]>", "&lt;/p&gt;]]&gt;")
    )
    assert (entry.title, entry.text) == ("Letter", "Open again.")
    assert "CDATA" not in entry.summary_html


def test_an_article_about_cdata_may_name_it() -> None:
    assert rss("<title>Use &lt;![CDATA[ ]]&gt; in XML</title>").title == "Use <![CDATA[ ]]> in XML"


@pytest.mark.parametrize(
    "empty", ["<p>&nbsp;</p>", "<div> <br/></div>", "<!-- x --><p>\u200b</p>", "<img src='/c.png'>"]
)
def test_a_body_in_which_nothing_is_to_be_read_gives_way_to_the_summary(empty: str) -> None:
    entry = rss(f"<description>A drawing.</description><content:encoded><![CDATA[{empty}]]></content:encoded>")
    assert entry.text == "A drawing."
    assert entry.image_url == ("https://site.example.test/c.png" if "img" in empty else None)
    listed = {"version": "https://jsonfeed.org/version/1.1", "title": "J"}
    listed["items"] = [{"id": "1", "content_html": empty, "summary": "A drawing."}]  # type: ignore[assignment]
    assert feed_parser.read(json.dumps(listed).encode(), FEED, None).entries[0].text == "A drawing."


def test_the_picture_of_the_summary_is_taken_where_the_body_has_none() -> None:
    summary = "<description>&lt;img src='/lead.png'&gt;</description>"
    assert (
        rss(f"{summary}<content:encoded>Long words.</content:encoded>").image_url
        == "https://site.example.test/lead.png"
    )


@pytest.mark.parametrize(
    "item",
    [
        "<link/><guid>https://site.example.test/1</guid>",
        "<guid isPermaLink='true'>https://site.example.test/1</guid><link></link>",
        "<link>javascript:void(0)</link><guid>https://site.example.test/1</guid>",
        "<link>N/A</link><guid>https://site.example.test/1</guid>",
    ],
)
def test_a_permalink_is_the_link_where_the_link_is_none(item: str) -> None:
    assert rss(item).link == "https://site.example.test/1"


@pytest.mark.parametrize(
    "item",
    [
        "<link/><guid isPermaLink='false'>https://site.example.test/1</guid>",
        "<link/><guid>1</guid>",
        "<link>null</link><guid isPermaLink='false'>n</guid>",
    ],
)
def test_what_is_no_link_is_not_made_one(item: str) -> None:
    assert rss(f"<title>T</title>{item}").link is None


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        ('<link type="text/html; charset=utf-8" href="/p"/>', "p"),
        ('<link rel="http://www.iana.org/assignments/relation/alternate" href="/p"/>', "p"),
        ('<link type="application/pdf" href="/p.pdf"/>', "p.pdf"),
        ('<link type="application/pdf" href="/p.pdf"/><link type="text/html;x=y" href="/p"/>', "p"),
        ('<link href="/p.mp3"/><link href="/p"/>', "p"),
        ('<link type="application/json" href="/p.json"/><link type="text/plain" href="/p.txt"/>', "p.txt"),
    ],
)
def test_any_alternate_may_be_the_link_and_a_page_is_the_best(links: str, expected: str) -> None:
    assert atom(links).link == f"https://site.example.test/{expected}"


def test_a_file_among_the_alternates_is_played() -> None:
    entry = atom('<link href="https://site.example.test/p.mp3"/><link href="https://site.example.test/p"/>')
    assert entry.enclosure is not None
    assert (entry.enclosure.url, entry.enclosure.media_type) == ("https://site.example.test/p.mp3", "audio/mpeg")
    assert atom('<link href="https://site.example.test/p.mp3"/>').enclosure is None


@pytest.mark.parametrize("kind", ["CDATA", "markdown", "escaped", "html", "text/html; charset=utf-8"])
def test_content_of_a_type_that_is_none_is_html(kind: str) -> None:
    entry = atom(f'<content type="{kind}">All &lt;b&gt;the&lt;/b&gt; words of it.</content>')
    assert entry.text == "All the words of it."


def test_addresses_are_relative_to_the_page_or_to_the_atom_document() -> None:
    html = "&lt;img src='w.png'&gt; words"
    link = "https://site.example.test/blog/wheels/"
    assert rss(f"<link>{link}</link><description>{html}</description>").image_url == f"{link}w.png"
    content = f'<link href="{link}"/><content type="html">{html}</content>'
    assert atom(content).image_url == "https://site.example.test/notes/w.png"
    declared = 'xml:base="https://site.example.test/other/"'
    assert atom(content, declared).image_url == "https://site.example.test/other/w.png"
    elsewhere = "<link>https://another.example.test/x/</link>"
    assert rss(f"{elsewhere}<description>{html}</description>").image_url == "https://site.example.test/w.png"


@pytest.mark.parametrize("kind", ["image", "jpg", "application/octet-stream", "image/jpg", ""])
def test_a_picture_of_an_odd_type_is_known_by_its_name(kind: str) -> None:
    assert rss(f"<enclosure url='/e.jpg' type='{kind}'/>").image_url == "https://site.example.test/e.jpg"


@pytest.mark.parametrize("kind", ["text/html", "video/mp4", "application/pdf"])
def test_a_type_that_is_known_goes_before_the_name(kind: str) -> None:
    assert rss(f"<enclosure url='/e.jpg' type='{kind}'/>").image_url is None


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("ann@news.photography (Ann Lee)", "Ann Lee"),
        ("ann@news.media", None),
        ("Ann Lee, ann@news.social", "Ann Lee"),
        ("The C@fe Team", "The C@fe Team"),
        ("M@rk Smith", "M@rk Smith"),
        ("@alice@mastodon.social", "@alice@mastodon.social"),
        ("root@localhost (Charlie Root)", "Charlie Root"),
    ],
)
def test_an_author_is_a_name_without_an_address(written: str, name: str | None) -> None:
    assert rss(f"<author>{written}</author>").author == name
    assert author_name(written) == name


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("When to use <details> and </details>", "When to use <details> and </details>"),
        ("When to use <details>", "When to use <details>"),
        ("<select> or <input type=text />? </select>", "<select> or <input type=text />? </select>"),
        ("A <my-element>new</my-element> way", "A <my-element>new</my-element> way"),
        ("A <b>new</b> way of <i>saying</i> <dialog></dialog>", "A new way of saying <dialog></dialog>"),
        ("<p>A <em>whole</em> paragraph</p>", "A whole paragraph"),
        ("<a href='/x'>Linked</a> &amp; <span>spanned</span>", "Linked & spanned"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
    ],
)
def test_elements_that_a_title_speaks_of_stay_words(written: str, title: str) -> None:
    assert rss(f"<title>{html.escape(written)}</title><description>Words.</description>").title == title


@pytest.mark.parametrize("field", ["content", "summary"])
def test_what_atom_declares_to_be_text_stays_words(field: str) -> None:
    entry = atom(f'<{field} type="text">Use &lt;details&gt; and &lt;/details&gt; elements.</{field}>')
    assert entry.text == "Use <details> and </details> elements."
    assert "&lt;details&gt;" in entry.summary_html


def test_markup_that_is_not_declared_or_declared_by_mistake_is_markup() -> None:
    assert atom("<content>Untyped &lt;b&gt;HTML&lt;/b&gt;.</content>").text == "Untyped HTML."
    assert atom('<content type="text">&lt;p&gt;All &lt;b&gt;of it&lt;/b&gt;.&lt;/p&gt;</content>').text == "All of it."


@pytest.mark.parametrize("kind", ["image/mp3", "", "application/octet-stream", "audio"])
def test_an_audio_file_of_an_odd_type_is_known_by_its_name_and_is_no_picture(kind: str) -> None:
    """The `feed` package for Node, 6.0, writes "image/mp3" for every audio file in Atom."""
    entry = atom(f'<link href="/1"/><link rel="enclosure" type="{kind}" href="/e.mp3?a=1"/>')
    assert entry.enclosure is not None
    assert entry.enclosure.media_type == "audio/mpeg"
    assert entry.image_url is None


def test_an_entry_without_author_has_the_author_of_the_feed_it_was_taken_from() -> None:
    source = "<source><title>Blog</title><author><name>Bea</name></author></source>"
    assert atom(source).author == "Bea"
    assert atom(f"<author><name>Ann</name></author>{source}").author == "Ann"
    assert atom("<source><title>Blog</title></source>").author is None


def test_an_author_who_is_named_again_with_an_address_stands_once() -> None:
    """PodGen 1.1 names all in itunes:author, then each in dc:creator."""
    dc, itunes = "xmlns='http://purl.org/dc/elements/1.1/'", "xmlns='http://www.itunes.com/dtds/podcast-1.0.dtd'"
    named = f"<author {itunes}>Ann and Ben</author><creator {dc}>Ann</creator>"
    assert rss(f"{named}<creator {dc}>Ben &lt;ben@site.example.test&gt;</creator>").author == "Ann and Ben"


def test_a_feeds_title_that_atom_declares_to_be_text_stays_words() -> None:
    written = (
        "<feed xmlns='http://www.w3.org/2005/Atom'><title{}>Notes on &lt;details&gt; &amp;amp; more</title></feed>"
    )
    for kind, title in (("", "Notes on <details> & more"), (' type="html"', "Notes on & more")):
        assert feed_parser.read(written.format(kind).encode(), "https://a.example/", None).title == title
