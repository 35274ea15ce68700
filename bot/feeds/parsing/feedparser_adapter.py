"""feedparser, with bounds: what it does slowly or at length with a hostile document is not done.

Its two readers are subclassed, because it has no settings for any of this. Their methods are its internals; the tests
of hostile documents fail where another version no longer calls them.
"""

import functools
import io
import re
import xml.sax.expatreader
from dataclasses import dataclass
from typing import Any
from xml.parsers import expat
from xml.sax.handler import feature_external_ges, feature_namespaces
from xml.sax.xmlreader import AttributesNSImpl, InputSource

import feedparser.api
import feedparser.mixin

MAX_ATTRIBUTES = 100
"""Of one element; with more they are all left out: feedparser's time is the square of their number."""
MAX_DEPTH = 300
"""Elements within elements; what is deeper counts for its text only."""
MAX_TAGS = 200
"""Categories of one entry: each is compared with all."""
MAX_NAMESPACES = 300
"""Each element of an unknown one is compared with all."""
MAX_PERSON = 500
"""Characters of an author in which an e-mail address is looked for: 100,000 would take 24 s."""
_PARTS_OF_IMAGE = frozenset(("title", "link", "url", "href", "width", "height", "description"))
_CUT_OFF = {
    expat.errors.codes[message]
    for message in (
        expat.errors.XML_ERROR_NO_ELEMENTS,
        expat.errors.XML_ERROR_UNCLOSED_TOKEN,
        expat.errors.XML_ERROR_PARTIAL_CHAR,
        expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
    )
}

# It is asked for every element, nearly always for the base that the last one had.
feedparser.mixin.make_safe_absolute_uri = functools.lru_cache(maxsize=128)(feedparser.mixin.make_safe_absolute_uri)


@dataclass(frozen=True, slots=True)
class Found:
    """What feedparser made of a document."""

    feed: dict[str, Any]
    entries: list[Any]
    version: str
    problem: str | None
    """Why the document is not well-formed, in expat's words, or None."""


def parse(document: bytes, url: str) -> Found:
    """Read XML in UTF-8 without DTD, well-formed or not; an entry that the document's end cuts off is left out.

    Raises whatever feedparser raises.
    """
    strict = _Strict(url, None, "utf-8")
    try:
        _sax(strict).parse(_source(document))
    except xml.sax.SAXParseException as error:
        problem = str(error.getMessage())
        cause = error.getException()
        if isinstance(cause, expat.ExpatError) and cause.code in _CUT_OFF and strict.feeddata:
            complete = strict.entries[:-1] if strict.inentry else strict.entries
            return Found(strict.feeddata, complete, strict.version, problem)
    except xml.sax.SAXException as error:
        problem = str(error.getMessage())
    else:
        return Found(strict.feeddata, strict.entries, strict.version, None)
    text = document.decode("utf-8", "replace")
    loose = _Loose(url, None, "utf-8", {})
    loose.feed(text)
    entries = loose.entries[:-1] if loose.entries and _ends_in_an_entry(text) else loose.entries
    return Found(loose.feeddata, entries, loose.version, problem)


class _Bounds:
    """What both readers have in common."""

    resolve_relative_uris = False
    sanitize_html = False
    # An id is what it is: made absolute, all ids would change when the feed moves.
    can_be_relative_uri = feedparser.mixin._FeedParserMixin.can_be_relative_uri - {"id"}  # noqa: SLF001
    namespaces_in_use: dict[str, str]
    guidislink: Any
    incontent: int
    inentry: int
    insource: int
    _get_context: Any
    contentparams: Any
    push: Any
    pop: Any
    pop_content: Any

    def __init__(self, *args: Any) -> None:
        self._image: list[str] = []
        """The open elements of an item's picture."""
        _next(self).__init__(*args)

    def unknown_starttag(self, tag: str, attrs: list[tuple[str, str]]) -> Any:
        if self._begins_image(tag, attrs):
            return None
        if len(attrs) > MAX_ATTRIBUTES:
            attrs = []
        elif tag == "link" and attrs:
            # Else an at:// address beside it hides the page's own, which is the element's text.
            attrs = [(name, value) for name, value in attrs if name not in {"url", "uri"} or value.startswith("http")]
        return _next(self).unknown_starttag(tag, attrs)

    def unknown_endtag(self, tag: str) -> None:
        if self._ends_image(tag):
            return
        _next(self).unknown_endtag(tag)

    def _begins_image(self, tag: str, attrs: list[tuple[str, str]]) -> bool:
        """Read the picture of an item under names of its own: its title, link and text are not the item's."""
        if self._image:
            if tag in _PARTS_OF_IMAGE:
                self._image.append(tag)
                self.push(f"item_image_{tag}", 1)
                return True
            self._leave_image()
        if tag != "image" or not self.inentry or self.incontent or self.insource:
            return False
        self._image.append(tag)
        href = next((value for name, value in attrs if name.lower() in {"url", "href"}), None)
        if href:
            self._get_context()["item_image_href"] = href
        self.push("item_image", 1)
        return True

    def _ends_image(self, tag: str) -> bool:
        if not self._image:
            return False
        if tag == self._image[-1]:
            self._image.pop()
            self.pop("item_image" if tag == "image" else f"item_image_{tag}")
            return True
        if tag in _PARTS_OF_IMAGE:
            return True  # it was never opened
        self._leave_image()
        return tag == "image"

    def _leave_image(self) -> None:
        while self._image:
            tag = self._image.pop()
            self.pop("item_image" if tag == "image" else f"item_image_{tag}")

    def map_content_type(self, content_type: str) -> str:
        """A type without its parameters; what is no media type (feedgen writes "CDATA") is taken for HTML."""
        found = str(_next(self).map_content_type(content_type.partition(";")[0].strip()))
        return found if "/" in found else "text/html"

    def push_content(self, tag: str, attrs: dict[str, str], default: str, expecting_text: Any) -> None:
        _next(self).push_content(tag, attrs, default, expecting_text)
        self.contentparams["declared"] = "type" in attrs

    def _start_media_title(self, attrs: dict[str, str]) -> None:
        self.push_content("media_title", attrs, "text/plain", 1)

    def _end_media_title(self) -> None:
        self._keep_first("media_title")

    def _start_media_description(self, attrs: dict[str, str]) -> None:
        self.push_content("media_description", attrs, "text/html", 1)

    def _end_media_description(self) -> None:
        self._keep_first("media_description")

    def _keep_first(self, name: str) -> None:
        context = self._get_context()
        known = context.get(name)
        self.pop_content(name)
        if known:
            context[name] = known

    def _end_guid(self) -> None:
        _next(self)._end_guid()  # noqa: SLF001 - its own
        if self.guidislink:
            self._get_context()["guid_is_permalink"] = True

    def track_namespace(self, prefix: str | None, uri: str) -> None:
        if len(self.namespaces_in_use) < MAX_NAMESPACES:
            _next(self).track_namespace(prefix, uri)

    def _sync_author_detail(self, key: str = "author") -> None:
        context = self._get_context()
        text = context.get(key) or ""
        detail = (context.get(f"{key}s") or [{}])[-1]
        if not detail and "@" in text:
            # feedparser cuts addresses behind four letters of their last part. `author_name` takes them out.
            detail["name"] = text
            context.setdefault(f"{key}_detail", detail)
        elif len(text) <= MAX_PERSON:
            _next(self)._sync_author_detail(key)  # noqa: SLF001 - its own

    def _add_tag(self, term: str | None, scheme: str | None, label: str | None) -> None:
        if len(self._get_context().get("tags") or ()) < MAX_TAGS:
            _next(self)._add_tag(term, scheme, label)  # noqa: SLF001 - its own


def _next(bounds: _Bounds) -> Any:
    """What the bounds stand before; `Any` because feedparser has no hints."""
    return super(_Bounds, bounds)


class _Strict(_Bounds, feedparser.api.StrictFeedParser):  # type: ignore[misc] # feedparser has no hints
    """For well-formed documents."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._pieces: list[str] = []
        self._level = 0

    def startElementNS(self, name: Any, qname: Any, attrs: AttributesNSImpl) -> None:  # noqa: N802
        self._flush()
        self._level += 1
        if self._level <= MAX_DEPTH:
            few = len(attrs) <= MAX_ATTRIBUTES
            super().startElementNS(name, qname, attrs if few else AttributesNSImpl({}, {}))

    def endElementNS(self, name: Any, qname: Any) -> None:  # noqa: N802
        self._flush()
        if self._level <= MAX_DEPTH:
            super().endElementNS(name, qname)
        self._level -= 1

    def characters(self, text: str) -> None:
        # expat gives every line by itself, and feedparser looks around for each.
        self._pieces.append(text)

    def _flush(self) -> None:
        if self._pieces:
            self.handle_data("".join(self._pieces))
            self._pieces.clear()


class _Loose(_Bounds, feedparser.api.LooseFeedParser):  # type: ignore[misc] # feedparser has no hints
    """For documents that are not well-formed."""


def _sax(handler: Any) -> Any:
    reader = xml.sax.expatreader.create_parser()  # noqa: S315 - no DTD gets here, and expat bounds the rest
    reader.setFeature(feature_namespaces, True)
    reader.setFeature(feature_external_ges, False)
    reader.setContentHandler(handler)
    reader.setErrorHandler(handler)
    return reader


def _source(document: bytes) -> InputSource:
    source = InputSource()
    source.setByteStream(io.BytesIO(document))
    return source


_OPEN = re.compile(r"<(?:[\w.-]+:)?(?:item|entry)(?=[\s>])", re.IGNORECASE)
_CLOSE = re.compile(r"</(?:[\w.-]+:)?(?:item|entry)\s*>", re.IGNORECASE)
_END = re.compile(r"</(?:[\w.-]+:)?(?:rss|feed|rdf|channel)\s*>", re.IGNORECASE)


def _ends_in_an_entry(text: str) -> bool:
    if _END.search(text[-65_536:]):
        return False
    opened = max((match.start() for match in _OPEN.finditer(text)), default=-1)
    closed = max((match.start() for match in _CLOSE.finditer(text)), default=-1)
    return opened > closed
