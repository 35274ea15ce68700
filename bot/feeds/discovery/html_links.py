"""What a web page says about its feeds: what it declares, what it links to, what it was made with. Pure."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.feeds.discovery.candidates import (
    Candidate,
    Origin,
    each_once,
    is_no_source,
    looks_like_a_feed,
    speaks_of_comments,
)
from bot.feeds.encodings.decode import decode
from bot.feeds.parsing.tag_scanner import Tags, unescape
from bot.url_normalisation import absolute, canonical, host_key

MAX_PAGE = 3_000_000
"""Bytes of a page that are looked at: its head is at the start."""
MAX_ANCHOR = 500
"""Characters of a link's text."""
MAX_LINKS = 20_000
FEED_TYPE = re.compile(r"(?:application|text)/(?:x-)?(?:rss|atom|rdf)(?:\+xml)?|application/feed\+json")
MAYBE_TYPE = re.compile(r"(?:application|text)/(?:xml|json)")
"""Feeds are declared so too, and much else; only the document itself can tell."""
SAYS_FEED = re.compile(
    r"(?:subscribe (?:via|by|with|to|using) )?(?:our |the |my )?(?:rss|atom|xml|json)?[ -]?(?:2\.0|1\.0)?[ -]?"
    r"(?:rss|atom|feeds?|newsfeed|web feed)(?: feeds?| 2\.0| 1\.0)?",
    re.IGNORECASE,
)
APP_SCHEME = re.compile(r"(?:feed|rss|itpc|pcast|podcast):(?://)?", re.IGNORECASE)
# They take a feed's address and show it: what they answer is a page of theirs.
READERS = re.compile(
    r"(?:^|\.)(?:feedly\.com|inoreader\.com|newsblur\.com|netvibes\.com|bloglovin\.com|feedland\.(?:com|social|org)"
    r"|my\.yahoo\.com|google\.com|theoldreader\.com|subtome\.com|facebook\.com|twitter\.com|x\.com|validator\.w3\.org"
    r"|feedvalidator\.org|about(?:feeds|rss)\.com)$"
)
MAX_LABEL = 80
MAX_REFRESH = 4_000
"""Characters of what a refreshing page says."""
LONGEST_REFRESH = 30
"""Seconds; who waits longer shows a page of its own."""
_REFRESH = re.compile(r"\s*(\d{0,4}(?:\.\d{1,3})?)\s*[;,\s]\s*(?:url\s*=\s*)?(\S.*)", re.IGNORECASE | re.DOTALL)
_END_OF_ANCHOR = re.compile(r"</?a\b", re.IGNORECASE)
_MARKUP = re.compile(r"<[^<>]*>?")
_PICTURE = re.compile(r"""\balt\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Page:
    """A page as discovery sees it."""

    url: str
    html: str
    generator: str
    """What the page says it was made with, lower case; several are joined by blanks."""
    declared: tuple[Candidate, ...]
    linked: tuple[Candidate, ...]
    refresh: str | None = None
    """Another address to which the page only sends its visitors on."""


def read(body: bytes, url: str, content_type: str | None = None) -> Page:
    """Read a page that came from `url`; broken HTML is read much as a browser would."""
    html = decode(body[:MAX_PAGE], content_type).replace("\0", "")
    found = _elements(html)
    href = next((base.get("href") for base in found["base"] if "href" in base), None)
    base = (_address(url, href) if href else None) or url
    declared = _declared(found, base)
    generators = [meta.get("content", "") for meta in found["meta"] if meta.get("name", "").lower() == "generator"]
    return Page(
        url=url,
        html=html,
        generator=" ".join(generators).lower(),
        declared=tuple(declared),
        linked=tuple(_linked(found["a"], base, url, known=declared)),
        refresh=_refresh(found["meta"], base, url),
    )


def _refresh(metas: list[dict[str, str]], base: str, page_url: str) -> str | None:
    """Where `<meta http-equiv="refresh">` leads at once; a page that loads itself again from time to time leads nowhere."""
    for meta in metas:
        if meta.get("http-equiv", "").strip().lower() != "refresh":
            continue
        said = _REFRESH.match(meta.get("content", "")[:MAX_REFRESH])
        url = _address(base, said[2].strip(" \t\"'")) if said and float(said[1] or 0) <= LONGEST_REFRESH else None
        if url is not None and canonical(url) != canonical(page_url):
            return url
    return None


def _elements(html: str) -> dict[str, list[dict[str, str]]]:
    """The attributes of the elements that count, by name; an anchor's text is under the empty name."""
    found: dict[str, list[dict[str, str]]] = {name: [] for name in ("html", "base", "meta", "link", "a")}
    tags = Tags(html, is_html=True)
    while (tag := tags.next()) is not None:
        attributes = None if tag.closing else tags.attributes(tag)
        tags.skip_raw(tag)
        if attributes is None or tag.name not in found or len(found[tag.name]) >= MAX_LINKS:
            continue
        if tag.name == "a":
            inside = html[tags.position : tags.position + MAX_ANCHOR]
            attributes[""] = _END_OF_ANCHOR.split(inside, maxsplit=1)[0]
        found[tag.name].append(attributes)
    return found


def _declared(found: dict[str, list[dict[str, str]]], base: str) -> list[Candidate]:
    """`<link>` elements, the surest first, else in the page's order."""
    language = next((_primary(root["lang"]) for root in found["html"] if root.get("lang")), "")
    sure: list[Candidate] = []
    maybe: list[Candidate] = []
    for link in found["link"]:
        relations = set(link.get("rel", "").lower().split())
        media_type = link.get("type", "").partition(";")[0].strip().lower()
        url = _address(base, link.get("href", ""))
        label = _label(link.get("title", ""))
        if not {"alternate", "feed"} & relations or url is None or is_no_source(url) or speaks_of_comments(label):
            continue
        own = _primary(link.get("hreflang", ""))
        candidate = Candidate(url, Origin.DECLARED, label, aside=bool(own and language and own != language))
        if "feed" in relations or FEED_TYPE.fullmatch(media_type):
            sure.append(candidate)
        elif MAYBE_TYPE.fullmatch(media_type) or (not media_type and looks_like_a_feed(url)):
            maybe.append(candidate)
    return each_once(sure + maybe)


def _linked(anchors: list[dict[str, str]], base: str, page_url: str, *, known: list[Candidate]) -> list[Candidate]:
    """`<a>` elements that look like feeds: the site's own, and others only where the page declares none."""
    own: list[Candidate] = []
    others: list[Candidate] = []
    for anchor in anchors:
        href = anchor.get("href", "")
        url = None if href.startswith("#") else _address(base, href)
        if url is None or is_no_source(url):
            continue
        label = _label(anchor.get("title") or _words(anchor))
        says_feed = SAYS_FEED.fullmatch(label) is not None
        named = APP_SCHEME.match(href) or looks_like_a_feed(url)
        if not (named or says_feed) or speaks_of_comments(label) or READERS.search(urlsplit(url).hostname or ""):
            continue
        found = Candidate(url, Origin.LINKED, "" if says_feed else label)
        (own if host_key(url) == host_key(page_url) else others).append(found)
    links = each_once([*known, *own, *([] if known else others)])
    return links[len(known) :]


def _address(base: str, href: str) -> str | None:
    """Absolute and over http(s), also where the link would open a reader on the visitor's machine."""
    if (scheme := APP_SCHEME.match(href)) is not None:
        rest = href[scheme.end() :]
        href = rest if rest.lower().startswith(("http://", "https://")) else f"http://{rest.removeprefix('//')}"
    return absolute(base, href.partition("#")[0])


def _words(anchor: dict[str, str]) -> str:
    """A link's text, or what its picture stands for."""
    inside = anchor.get("", "")
    text = unescape(_MARKUP.sub(" ", inside)).strip()
    if text:
        return text
    picture = _PICTURE.search(inside)
    return anchor.get("aria-label") or (unescape(picture[1] or picture[2] or "") if picture else "")


def _label(text: str) -> str:
    return " ".join(text.split())[:MAX_LABEL].strip()


def _primary(language: str) -> str:
    """`en` of `en-GB`."""
    return re.split(r"[-_]", language.strip().lower(), maxsplit=1)[0]
