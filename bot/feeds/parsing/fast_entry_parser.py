"""Reads plain items at a tenth of the cost, for the archive that a feed lists when it is followed.

The result has the shape of feedparser's entries, so that all that comes after is the same. Whatever is not plain
(markup that is not escaped, media, podcasts, relative addresses, guesses to be made) is left to feedparser.
"""

import re
from collections.abc import Mapping
from typing import Any
from xml.parsers import expat

RawEntry = dict[str, Any]

_SEPARATOR = " "
_ATOM = "http://www.w3.org/2005/Atom "
_DC = "http://purl.org/dc/elements/1.1/ "
_CONTENT = "http://purl.org/rss/1.0/modules/content/ "
_ITEMS = {"item": "rss", f"{_ATOM}entry": "atom"}
_IGNORED = (
    "comments",
    "http://purl.org/rss/1.0/modules/slash/ ",
    "http://wellformedweb.org/CommentAPI/ ",
    "com-wordpress:feed-additions:1 ",
    "http://purl.org/syndication/thread/1.0 total",
)
_TEXTS = {
    "rss": {
        "title": "title",
        "link": "link",
        "guid": "guid",
        "pubDate": "published",
        "description": "summary",
        f"{_CONTENT}encoded": "content",
        f"{_DC}creator": "author",
        "category": "category",
    },
    "atom": {
        f"{_ATOM}title": "title",
        f"{_ATOM}id": "guid",
        f"{_ATOM}published": "published",
        f"{_ATOM}updated": "updated",
        f"{_ATOM}summary": "summary",
        f"{_ATOM}content": "content",
    },
}
_RELATIONS = {"alternate", "self", "edit", "replies", "related", "via", "license", "shortlink", "hub"}
"""Of a link; all but `alternate` say nothing that is used."""
_TYPES = {"text": "text/plain", "html": "text/html", "text/html": "text/html", "text/plain": "text/plain"}
_ADDRESS = re.compile(
    r"https?://[a-z0-9.-]+(?::\d+)?/(?!.*(?:&[\w#]+;|/\.|//))[\w\-.~!$&'()*+,;=:@/%?]*[\w/]", re.ASCII
)
_OPAQUE = re.compile(r"(?:tag|urn):[\w\-.~!$&'()*+,;=:@/%?#]+", re.ASCII)
_RFC_822 = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (?P<day>0[1-9]|[12]\d|3[01]) "
    r"(?P<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) "
    r"(?:19[789]\d|20\d\d) (?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d (?:GMT|[+-]\d{4})"
)
_ISO_8601 = re.compile(
    r"(?:19[789]\d|20\d\d)-(?P<month>0[1-9]|1[0-2])-(?P<day>0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)"
)
_GUESSED = re.compile("[\x80-\x9f]|[\xc2-\xf4][\x80-\xbf]")
"""What feedparser takes for text that was encoded twice, or in windows-1252."""
_SHORT_MONTHS = {
    "Apr": 30,
    "Jun": 30,
    "Sep": 30,
    "Nov": 30,
    "04": 30,
    "06": 30,
    "09": 30,
    "11": 30,
    "Feb": 28,
    "02": 28,
}


def read(body: bytes, url: str) -> tuple[RawEntry | None, ...]:
    """The document's items in its order, None where one is not plain; nothing where none can be read here.

    Args:
        body: a document that `feeds.incremental.item_scanner` understands.
        url: where it came from; the base that feedparser gives to texts without an xml:base.
    """
    reader = _Reader(url)
    try:
        reader.parser.Parse(body.lstrip(), True)
    except (expat.ExpatError, ValueError, LookupError):
        return ()
    return () if reader.has_bases else tuple(reader.entries)


class _Reader:
    def __init__(self, url: str) -> None:
        self.entries: list[RawEntry | None] = []
        self.has_bases = False
        self._url = url
        self._item: _Item | None = None
        self.parser = expat.ParserCreate(namespace_separator=_SEPARATOR)
        self.parser.buffer_text = True
        self.parser.buffer_size = 65_536
        self.parser.StartElementHandler = self._started
        self.parser.EndElementHandler = self._ended

    def _started(self, name: str, attributes: dict[str, str]) -> None:
        if attributes and any(key.endswith((" base", " lang")) for key in attributes):
            self.has_bases = self.has_bases or any(key.endswith(" base") for key in attributes)
        if self._item is not None:
            self._item.started(name, attributes)
        elif name in _ITEMS:
            self._item = _Item(_ITEMS[name], self._url, plain=not attributes)
            self.parser.CharacterDataHandler = self._item.text
        elif name.rpartition(_SEPARATOR)[2].lower() in {"item", "entry"}:
            self.entries.append(None)

    def _ended(self, _name: str) -> None:
        if self._item is None:
            return
        if self._item.depth == 0:
            self.entries.append(self._item.entry())
            self._item = None
            self.parser.CharacterDataHandler = None
        else:
            self._item.ended()


class _Item:
    """One item while it is read. Nothing is looked at any more once it turns out not to be plain."""

    def __init__(self, kind: str, url: str, *, plain: bool) -> None:
        self.depth = 0
        self._kind = kind
        self._url = url
        self._plain = plain
        self._field: str | None = None
        self._type = ""
        self._pieces: list[str] = []
        self._author: dict[str, str] | None = None
        self._found: dict[str, tuple[str, str]] = {}
        self._authors: list[dict[str, str]] = []
        self._tags: list[dict[str, str | None]] = []
        self._links: list[dict[str, str]] = []

    def started(self, name: str, attributes: Mapping[str, str]) -> None:
        self.depth += 1
        if not self._plain:
            return
        if self.depth == 1:
            self._field = None
            self._begin(name, attributes)
        elif self.depth == 2 and self._author is not None:
            self._field = name.removeprefix(_ATOM) if name.startswith(_ATOM) else "?"
            self._pieces = []
        elif self._field != "":
            self._plain = False

    def _begin(self, name: str, attributes: Mapping[str, str]) -> None:
        field = _TEXTS[self._kind].get(name)
        self._pieces = []
        if field is not None:
            self._field = field
            self._type = self._type_of(field, attributes)
        elif name == f"{_ATOM}link" and self._kind == "atom":
            self._field = ""
            self._link(attributes)
        elif name == f"{_ATOM}category" and self._kind == "atom":
            self._field = ""
            self._tags.append({"term": attributes.get("term"), "label": attributes.get("label")})
        elif name == f"{_ATOM}author" and self._kind == "atom":
            self._author = {}
        elif name.startswith(_IGNORED):
            self._field = ""
        else:
            self._plain = False

    def _type_of(self, field: str, attributes: Mapping[str, str]) -> str:
        if self._kind == "atom":
            if set(attributes) - {"type"}:
                self._plain = False
            kind = _TYPES.get(attributes.get("type", "text"))
            # What is declared to be text keeps its tags as words.
            is_declared_text = field != "title" and kind == "text/plain" and "type" in attributes
            self._plain = self._plain and kind is not None and not is_declared_text
            return kind or ""
        if field == "guid" and all(name.lower() == "ispermalink" for name in attributes):
            return next(iter(attributes.values()), "true")
        if attributes and not (field == "category" and set(attributes) == {"domain"}):
            self._plain = False
        return "text/plain" if field == "title" else "text/html"

    def _link(self, attributes: Mapping[str, str]) -> None:
        rel, kind = attributes.get("rel", "alternate"), attributes.get("type", "text/html")
        if rel not in _RELATIONS or not _ADDRESS.fullmatch(attributes.get("href", "")):
            self._plain = False
        if rel == "alternate":
            self._plain = self._plain and kind == "text/html" and not self._links
            self._links.append({"rel": rel, "type": kind, "href": attributes.get("href", "")})

    def text(self, piece: str) -> None:
        if self._field:
            self._pieces.append(piece)

    def ended(self) -> None:
        self.depth -= 1
        if self._plain and self._field:
            text = "".join(self._pieces).strip()
            if not text.isascii() and _GUESSED.search(text):
                self._plain = False
            elif self.depth == 1 and self._author is not None:
                self._author[self._field] = text
            else:
                self._end(self._field, text)
        if self.depth == 0 and self._author is not None:
            self._authors.append(self._author)
            self._author = None
        self._field = "?" if self._author is not None else None

    def _end(self, field: str, text: str) -> None:
        if field == "category":
            self._tags.append({"term": text, "label": None})
        elif field == "author":
            self._authors.append({"name": text})
        elif field in self._found:
            self._plain = False
        else:
            self._found[field] = (self._type, text)

    def entry(self) -> RawEntry | None:
        """The item as feedparser would give it, or None if it is not plain."""
        if not self._plain or not self._fits():
            return None
        made: RawEntry = {"links": self._links or [self._alternate()]}
        made["link"] = made["links"][0]["href"]
        made["id"] = self._text("guid")
        for field in ("published", "updated"):
            if field in self._found:
                made[field] = self._text(field)
        for field in ("title", "summary"):
            if field in self._found:
                made[field] = self._text(field)
                made[f"{field}_detail"] = self._detail(field)
        if "content" in self._found:
            made["content"] = [self._detail("content")]
        if self._authors:
            made["authors"] = self._authors
            made["author"] = self._authors[0].get("name", "")
            made["author_detail"] = self._authors[0]
        if self._tags:
            made["tags"] = [tag for tag in self._tags if tag["term"]]
        return made

    def _fits(self) -> bool:
        """Whether nothing in it would have to be resolved, repaired or guessed."""
        title, guid = self._text("title"), self._text("guid")
        link = self._links[0]["href"] if self._links else self._text("link")
        permalink = self._kind == "atom" or (self._found.get("guid") or ("",))[0] == "true"
        dates = [self._text(field) for field in ("published", "updated") if field in self._found]
        form = _ISO_8601 if self._kind == "atom" else _RFC_822
        return (
            bool(title and guid and dates)
            and not ("<" in title or "&" in title)
            and bool(_ADDRESS.fullmatch(link))
            and (not permalink or bool(_ADDRESS.fullmatch(guid) or _OPAQUE.fullmatch(guid)))
            and all((found := form.fullmatch(date)) and _exists(found) for date in dates)
            and len(self._authors) <= 1
            and not any("@" in name or "(" in name for author in self._authors if (name := author.get("name", "")))
        )

    def _alternate(self) -> dict[str, str]:
        return {"rel": "alternate", "type": "text/html", "href": self._text("link")}

    def _text(self, field: str) -> str:
        return self._found.get(field, ("", ""))[1]

    def _detail(self, field: str) -> dict[str, Any]:
        kind, text = self._found[field]
        return {"type": kind, "value": text, "base": self._url, "language": None}


def _exists(date: re.Match[str]) -> bool:
    """Whether its month has such a day; the 29th of February is left to feedparser."""
    return int(date["day"]) <= _SHORT_MONTHS.get(date["month"], 31)
