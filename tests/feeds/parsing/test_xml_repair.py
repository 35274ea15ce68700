"""Feeds that are nearly well-formed, read as the publisher meant them, and documents that declare what is refused."""

import xml.sax

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import ParseError
from bot.feeds.parsing import feed_parser
from bot.feeds.parsing.xml_repair import MAX_EXPANDED, is_web_page, repaired, root_name

URL = "https://feeds.example.test/feed"
ITEM = b"<item><title>One</title></item>"
RSS = b'<rss version="2.0"><channel><title>t</title>' + ITEM + b"</channel></rss>"
XML = b'<?xml version="1.0"?>'


def with_title(title: str, *, prolog: str = "") -> bytes:
    return f'{prolog}<rss version="2.0"><channel><item><title>{title}</title></item></channel></rss>'.encode()


def title(body: bytes) -> str:
    (entry,) = feed_parser.read(body, URL, None).entries
    return entry.title


BEFORE_THE_ROOT = {
    "blanks": b"\r\n\t " + XML,
    "a warning of PHP": b"<br />\n<b>Warning</b>: cannot modify header in <b>/www/x.php</b> on line <b>3</b><br />\n"
    + XML,
    "words after the declaration": XML + b"Notice: undefined index",
    "a comment that speaks of feeds": XML + b"<!-- <feed> is not here -->",
    "a style sheet": XML + b'<?xml-stylesheet href="a.xsl" type="text/xsl"?>',
    "a doctype": XML + b'<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://e.test/rss.dtd">',
}


@pytest.mark.parametrize("before", BEFORE_THE_ROOT.values(), ids=BEFORE_THE_ROOT.keys())
def test_what_stands_before_the_root_does_not_count(before: bytes) -> None:
    assert repaired(before + RSS) == RSS


@pytest.mark.parametrize("after", [b"\n<!-- cached -->", b"<script>x()</script>", b"Fatal error", b"\0\0"])
def test_what_stands_after_the_root_does_not_count(after: bytes) -> None:
    assert repaired(RSS + after) == RSS


def test_characters_that_no_xml_may_have_are_dropped() -> None:
    assert title(with_title("a\x00b\x0bc\x1bd\ufffee\uffff")) == "abcde"


REFERENCES = {
    "R&D": "R&D",
    "Q & A": "Q & A",
    "a &amp; b": "a & b",
    "caf&eacute;": "café",
    "&nbsp;x&hellip;": "x…",
    "&nosuch; x": "&nosuch; x",
    "a&#0;b&#xD800;c&#x110000;d&#55296;e&#xFFFF;f&#99999999999999999999;": "a\ufffdb\ufffdc\ufffdd\ufffde\ufffdf\ufffd",
    "&#54620;&#x1F600;&#8217;": "한😀\u2019",
    "&#0000065;": "A",
    "&#146;": "\u2019",
    "<![CDATA[a & b]]>": "a & b",
    "<![CDATA[a]]> & <![CDATA[b]]>": "a & b",
}


@pytest.mark.parametrize(("written", "meant"), REFERENCES.items(), ids=REFERENCES.keys())
def test_references_are_read_as_they_are_meant(written: str, meant: str) -> None:
    assert title(with_title(written)) == meant


def test_entities_that_only_name_a_character_or_a_word_are_read() -> None:
    declared = '<!DOCTYPE rss [<!ENTITY eacute "&#233;"><!ENTITY us \'R&amp;D\'><!ENTITY amp "&#38;">]>'
    assert title(with_title("Caf&eacute; &us; &amp; co", prolog=declared)) == "Café R&D & co"


def test_a_declaration_for_a_dtd_is_passed_over_and_nothing_is_fetched() -> None:
    declared = '<!DOCTYPE rss [<!ENTITY % latin SYSTEM "https://e.example.test/x.ent"> %latin;]>'
    assert title(with_title("caf&eacute; &other;", prolog=declared)) == "café &other;"


REFUSED = {
    "a file": '<!ENTITY x SYSTEM "file:///etc/passwd">',
    "an address": '<!ENTITY x PUBLIC "-//x" "https://e.example.test/x">',
    "entities of entities": '<!ENTITY a "aaa"><!ENTITY b "&a;&a;">',
    "a long text": f'<!ENTITY a "{"a" * 1000}">',
    "very many": "".join(f'<!ENTITY a{n} "x">' for n in range(1000)),
    "no end": "<!ENTITY a",
}


@pytest.mark.parametrize("declared", REFUSED.values(), ids=REFUSED.keys())
def test_entities_of_a_documents_own_are_refused(declared: str) -> None:
    with pytest.raises(ParseError, match="entities of its own"):
        feed_parser.read(with_title("x", prolog=f"<!DOCTYPE rss [{declared}]>"), URL, None)


def test_small_entities_used_very_often_are_refused() -> None:
    body = with_title("&a;" * (MAX_EXPANDED // 50), prolog=f'<!DOCTYPE rss [<!ENTITY a "{"a" * 100}">]>')
    with pytest.raises(ParseError, match="entities of its own"):
        feed_parser.read(body, URL, None)


def test_a_web_page_stays_a_web_page() -> None:
    page = b"<!DOCTYPE html><html><body><feed>x</feed></body></html>"
    assert repaired(page) == page
    assert is_web_page(page)
    assert root_name(page) == "html"
    with pytest.raises(ParseError, match="web page"):
        feed_parser.read(page, URL, None)


def test_the_root_is_found_behind_comments_and_prefixes() -> None:
    assert root_name(b"<!-- <x> --><rdf:RDF xmlns:rdf='r'>") == "rdf"
    assert root_name(b"no element") == ""


@given(st.text(alphabet="ab&;#x0123456789amplt<>", max_size=60))
def test_no_reference_stops_the_strict_reader(text: str) -> None:
    body = repaired(with_title(text.replace("<", "").replace(">", "")))
    xml.sax.parseString(body, xml.sax.ContentHandler())
    assert repaired(body) == body


@given(
    st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"))
)
def test_a_well_formed_document_comes_back_as_it_is(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    body = with_title(f"{escaped}<![CDATA[{escaped}]]>")
    assert repaired(body) == body
