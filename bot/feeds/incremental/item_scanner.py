"""Finds the items of a document without reading them, so that only those never seen before cost parsing.

An item is recognised by its bytes. Counters in it that change with every poll (comments, views) do not count, so that
they do not make it look edited. A document that is not understood here down to the last byte is read whole instead:
not well-formed, in an encoding that expat does not know, with items inside of items, or with entities of its own.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any
from xml.parsers import expat

MAX_ITEMS = 5_000
"""`feeds.parsing.feed_parser` reads no more than this of one document, from both ends; such a document is read whole."""
INLINE_BYTES = 256 * 1024
"""A larger document is scanned in a worker: 120 KB take about 0.4 ms, and the event loop must not wait for megabytes."""

_ITEM_NAMES = ("item", "entry")
_SEPARATOR = "\x1f"
_BLANKS = b" \t\r\n"
_ENCODING = re.compile(rb"<\?xml\s[^>]{0,200}?encoding\s*=\s*[\"']\s*([^\"'>]{1,40})", re.IGNORECASE)
_KNOWN_ENCODING = re.compile(rb"(?:utf-?8|(?:us-)?ascii|iso-8859-\d+|windows-125\d|koi8-[ru])\s*", re.IGNORECASE)
"""Of one byte a character or UTF-8. Any other name would have Python make a table from a codec that may not be for text."""
_TAG_NAME = re.compile(rb"[^\s/>]+")
_COUNTERS = (
    # What to look for, since finding a text is ten times as fast as matching at every `<`, and what has to stand there.
    (b"<slash:comments>", re.compile(rb"<slash:comments>\s*\d*\s*</slash:comments>")),
    (b"<thr:total>", re.compile(rb"<thr:total>\s*\d*\s*</thr:total>")),
    (b"<media:sta", re.compile(rb"<media:(?:statistics|starRating)\b[^<>]*/>")),
)


@dataclass(frozen=True, slots=True)
class Item:
    """One item or entry element: its byte range in the document, and the digest that recognises it."""

    start: int
    end: int
    """Behind its last byte."""
    key: str


class _IsItem(dict[str, bool]):
    """Whether an element of this name is an item."""

    def __missing__(self, name: str) -> bool:
        known = self[name] = name.rpartition(_SEPARATOR)[2].lower() in _ITEM_NAMES
        return known


class _Odd(Exception):  # noqa: N818 - it is no error of anybody's
    """This document is to be read whole."""


def scan(body: bytes) -> tuple[Item, ...] | None:
    """The document's items in its order; None where it has to be read whole. Never raises."""
    lead = len(body) - len(body.lstrip(_BLANKS))
    if body[lead : lead + 1] != b"<" and body[lead : lead + 3] != b"\xef\xbb\xbf":
        return None
    encoding = _ENCODING.match(body, lead)
    if encoding and not _KNOWN_ENCODING.fullmatch(encoding[1]):
        return None
    try:
        ranges = _ranges(body[lead:] if lead else body)
    except (_Odd, expat.ExpatError, ValueError, LookupError, UnicodeError):
        # ValueError and LookupError: an encoding that Python's expat cannot take.
        return None
    return tuple(Item(start + lead, end + lead, key_of(body[start + lead : end + lead])) for start, end in ranges)


def key_of(item: bytes) -> str:
    """The digest of an item's bytes without its counters, 32 characters."""
    for start, counter in _COUNTERS:
        at = item.find(start)
        while at >= 0:
            found = counter.match(item, at)
            if found is None:
                at = item.find(start, at + 1)
            else:
                item = item[:at] + item[found.end() :]
                at = item.find(start, at)
    return blake2b(item, digest_size=16).hexdigest()


def without(body: bytes, items: Sequence[Item], known: Collection[int]) -> bytes:
    """The document without the items at the places `known` (0 is the first)."""
    kept = []
    position = 0
    for place, item in enumerate(items):
        if place in known:
            kept.append(body[position : item.start])
            position = item.end
    kept.append(body[position:])
    return b"".join(kept)


def _ranges(body: bytes) -> list[tuple[int, int]]:
    """Byte ranges of the items that feedparser would see, found by expat with namespaces on, as feedparser has them.

    Closures over plain names, since they run for every element: a class with fields took half as long again.
    """
    found: list[tuple[int, int]] = []
    is_item = _IsItem()
    inside: str | None = None
    start = 0
    parser = expat.ParserCreate(namespace_separator=_SEPARATOR)

    def started(name: str, _attributes: Any) -> None:
        nonlocal inside, start
        if is_item[name]:
            if len(found) >= MAX_ITEMS:
                raise _Odd
            inside = name
            start = parser.CurrentByteIndex
            parser.StartElementHandler = None  # an item inside of it is noticed where it, or this one, ends

    def ended(name: str) -> None:
        nonlocal inside
        if is_item[name]:
            if name != inside:
                raise _Odd  # the end of an item that stands inside of another, or has one inside
            at = parser.CurrentByteIndex
            tag = _TAG_NAME.match(body, start + 1)
            if tag is None or not body.startswith(b"</" + tag[0], at):
                raise _Odd  # <item … />, for which expat points behind the tag
            found.append((start, body.index(b">", at) + 1))
            inside = None
            parser.StartElementHandler = started

    parser.StartElementHandler = started
    parser.EndElementHandler = ended
    parser.EntityDeclHandler = _odd
    parser.Parse(body, True)
    return found


def _odd(*_: object) -> None:
    raise _Odd
