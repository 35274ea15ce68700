"""Subscription lists: reading what people really import, writing what others can read. Pure.

Many lists are not well-formed: a bare `&`, `<` or quotes inside of values, encodings that are not what is declared,
ends that are missing, web pages around them. So they are read tag by tag, and a tag as it was meant. Entities that a
list declares stay as they are written, so they cannot grow.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape, quoteattr

from bot.addresses import shown, site_of
from bot.errors import UserError
from bot.feeds.encodings.decode import decode
from bot.feeds.parsing.tag_scanner import MAX_TAG, Tag, Tags, unescape
from bot.i18n.translation import _
from bot.url_normalisation import absolute, canonical, normalise_source, split_credentials

MAX_BYTES = 10_000_000
MAX_FEEDS = 10_000
MAX_OUTLINES = 50_000
"""Reading ends there: nobody has written such a list by hand, and it takes 3 s."""
DEEPEST = 20
"""Folders inside of folders; what is deeper counts as there."""
MAX_NAME = 200

# A start tag as XML allows it, but for bare ampersands, which harm nobody.
_ATTRIBUTE = r"""([^\s"'<>/=]+)\s*+=\s*+(?:"([^"<]*+)"|'([^'<]*+)')"""
_START = re.compile(r"""(?:\s++[^\s"'<>/=]+\s*+=\s*+(?:"[^"<]*+"|'[^'<]*+'))*+\s*+(/?)>""")
_ATTRIBUTES = re.compile(_ATTRIBUTE)
# In a broken tag only names that are known begin a value; it ends where the next one begins.
_KNOWN = re.compile(
    r"(?<![\w:.-])(text|title|xmlurl|htmlurl|type|category|description|version|language|url|isopen|id|created|comment)"
    r"\s*=\s*([\"'])",
    re.IGNORECASE,
)
_NEXT = re.compile(r"<(?:outline\b|/outline\b|/body\b|/opml\b|\?xml\b|!--)", re.IGNORECASE)
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class ListedFeed:
    """A feed of a list; once for each address, whatever the number of places that name it."""

    url: str
    title: str | None = None
    site_url: str | None = None
    folders: tuple[tuple[str, ...], ...] = ()
    """Where it stands, outermost folder first; empty if only outside of folders."""
    tags: tuple[str, ...] = ()
    """From its category attribute, where that names no folder."""


@dataclass(frozen=True, slots=True)
class FeedList:
    """A list as it was read."""

    title: str | None
    feeds: tuple[ListedFeed, ...]
    """In the order of the list."""
    unusable: tuple[str, ...] = ()
    """What stands for an address and is none (a command, a file's name), as written."""
    repeated: int = 0
    """Outlines that named a feed again."""
    left_out: int = 0
    """Feeds beyond `MAX_FEEDS`."""


def read(body: bytes) -> FeedList:
    """The feeds of an OPML document of any quality.

    Takes about a second for 5 MB.

    Raises:
        UserError: it is too large, or holds no outline and no OPML; says what to do.
    """
    if len(body) > MAX_BYTES:
        raise UserError(
            _("That list is larger than {most} MB. Split it into several.").format(most=MAX_BYTES // 1_000_000)
        )
    text = decode(body).replace("\0", "")
    if "<outline" not in text.lower() and "&lt;outline" in text.lower():
        text = unescape(text)  # shown as text in a web page
    reader = _Reader(text)
    reader.run()
    if not reader.is_opml:
        raise UserError(_("That is no list of feeds. Export one from your feed reader as OPML and send that file."))
    return reader.result()


class _Reader:
    """Goes through the tags and keeps the folders that are open."""

    def __init__(self, text: str) -> None:
        self._tags = Tags(text, is_html=False)
        self._text = text
        self._open: list[tuple[str, ...]] = []
        self._found: dict[tuple[str, tuple[str, str] | None], ListedFeed] = {}
        self._unusable: list[str] = []
        self._repeated = 0
        self._left_out = 0
        self._title: str | None = None
        self.is_opml = False

    def run(self) -> None:
        outlines = 0
        while (tag := self._tags.next()) is not None and outlines < MAX_OUTLINES:
            if tag.name == "outline":
                self.is_opml = True
                outlines += not tag.closing
                self._outline(tag)
            elif tag.name == "opml":
                self.is_opml = True
            elif tag.name == "title" and not tag.closing and self._title is None and not self._open:
                self._title = self._text_of(tag)

    def result(self) -> FeedList:
        return FeedList(self._title, tuple(self._found.values()), tuple(self._unusable), self._repeated, self._left_out)

    def _outline(self, tag: Tag) -> None:
        if tag.closing:
            if self._open:
                self._open.pop()
            return
        attributes, is_empty = self._attributes(tag)
        here = self._open[-1] if self._open else ()
        name = _name(attributes.get("text")) or _name(attributes.get("title"))
        address = (attributes.get("xmlurl") or "").strip()
        if not address and attributes.get("type", "").strip().lower() in {"rss", "atom"}:
            address = (attributes.get("url") or "").strip()
        if address:
            self._feed(address, name, attributes, here)
        if not is_empty:
            folder = here if address or name is None or len(here) >= DEEPEST else (*here, name)
            self._open.append(folder)

    def _feed(self, address: str, name: str | None, attributes: dict[str, str], here: tuple[str, ...]) -> None:
        url = usable(address)
        if url is None:
            if len(self._unusable) < MAX_FEEDS:
                self._unusable.append(_clean(address)[:MAX_NAME])
            return
        folders, tags = _categories(attributes.get("category", ""))
        places = (here,) if here else folders
        key = (canonical(url), split_credentials(url)[1])
        known = self._found.get(key)
        if known is not None:
            self._repeated += 1
            fresh = tuple(place for place in places if place not in known.folders)
            self._found[key] = ListedFeed(
                known.url, known.title or name, known.site_url, (*known.folders, *fresh)[:DEEPEST], known.tags
            )
        elif len(self._found) >= MAX_FEEDS:
            self._left_out += 1
        else:
            site = absolute(None, attributes.get("htmlurl"))
            self._found[key] = ListedFeed(url, name, site, places, tags)

    def _attributes(self, tag: Tag) -> tuple[dict[str, str], bool]:
        """A tag's attributes, names in lower case, and whether it ends itself; the position is behind it then."""
        strict = _START.match(self._text, tag.after_name, tag.after_name + MAX_TAG)
        if strict is not None:
            self._tags.position = strict.end()
            found: dict[str, str] = {}
            for match in _ATTRIBUTES.finditer(self._text, tag.after_name, strict.end()):
                found.setdefault(match[1].rpartition(":")[2].lower(), unescape(match[2] or match[3] or ""))
            return found, bool(strict[1])
        limit = min(len(self._text), tag.after_name + MAX_TAG)
        follower = _NEXT.search(self._text, tag.after_name, limit)
        end = follower.start() if follower else limit
        self._tags.position = end
        return _guessed(self._text[tag.after_name : end])

    def _text_of(self, tag: Tag) -> str | None:
        """The text of a small element, up to the next tag."""
        start = self._text.find(">", tag.after_name, tag.after_name + MAX_TAG) + 1
        end = self._text.find("<", start, start + MAX_TAG) if start else -1
        return _name(unescape(self._text[start:end])) if end > 0 else None


def _guessed(inside: str) -> tuple[dict[str, str], bool]:
    """What a broken tag was meant to say: `<`, `>` and quotes inside of values are text."""
    inside = inside.rstrip()
    is_empty = inside.endswith("/>")
    inside = inside.removesuffix(">").removesuffix("/")
    starts = list(_KNOWN.finditer(inside))
    ends = [*(match.start() for match in starts[1:]), len(inside)]
    found: dict[str, str] = {}
    for match, end in zip(starts, ends, strict=False):
        value = inside[match.end() : end]
        closing = value.rfind(match[2])
        found.setdefault(match[1].lower(), unescape(value[:closing] if closing >= 0 else value))
    return found, is_empty


def usable(address: str) -> str | None:
    """The address over http(s), or None where it is something else."""
    if address.lower().startswith(("http://", "https://")):
        # A host's name alone (`http://intranet/feed`) is one where it is written out.
        return absolute(None, address.partition("#")[0])
    try:
        return normalise_source(address)
    except (UserError, ValueError):
        return None


def _categories(text: str) -> tuple[tuple[tuple[str, ...], ...], tuple[str, ...]]:
    """Folders (`/News/World`) and tags (`news`) of a category attribute, which separates them by commas."""
    folders, tags = [], []
    for part in text.split(",")[:DEEPEST]:
        names = tuple(name for step in part.split("/") if (name := _name(step)))
        if names and part.strip().startswith("/"):
            folders.append(names[:DEEPEST])
        elif names:
            tags.append("/".join(names))
    return tuple(dict.fromkeys(folders)), tuple(dict.fromkeys(tags))


def _name(text: str | None) -> str | None:
    """A name in one line, or None where there is none."""
    return " ".join(_clean(text or "").split())[:MAX_NAME].strip() or None


def _clean(text: str) -> str:
    """Without characters that XML cannot hold."""
    return _NOT_XML.sub(" ", text)


def write(
    title: str, topics: Iterable[tuple[str, Iterable[ListedFeed]]], *, now: datetime, with_secrets: bool = False
) -> str:
    """An OPML 2.0 document with a folder for each topic.

    Args:
        with_secrets: write the passwords and keys in addresses, without which some lead nowhere.
    """
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<opml version="2.0">',
        "  <head>",
        f"    <title>{escape(_clean(title))}</title>",
        f"    <dateCreated>{format_datetime(now)}</dateCreated>",
        "  </head>",
        "  <body>",
    ]
    for topic, feeds in topics:
        name = _quoted(topic)
        lines.append(f"    <outline text={name} title={name}>")
        lines += [f"      {_outline(feed, with_secrets=with_secrets)}" for feed in feeds]
        lines.append("    </outline>")
    return "\n".join([*lines, "  </body>", "</opml>", ""])


def _outline(feed: ListedFeed, *, with_secrets: bool) -> str:
    url = feed.url if with_secrets else shown(feed.url)
    name = _quoted(feed.title or site_of(feed.url))
    site = f" htmlUrl={_quoted(shown(feed.site_url))}" if feed.site_url else ""
    return f'<outline type="rss" text={name} title={name} xmlUrl={_quoted(url)}{site}/>'


def _quoted(text: str) -> str:
    return quoteattr(_clean(text), {"\n": " ", "\r": " ", "\t": " "})
