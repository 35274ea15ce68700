"""Makes feeds well-formed that are nearly so, and refuses what is none, before any parser sees them.

feedparser reads what is not well-formed with a reader of its own, which takes three times as long and understands less.
"""

import re
from html.entities import html5

from bot.errors import ParseError
from bot.i18n.translation import N_

HEAD = 65_536
"""Bytes in which the root element must begin."""
MAX_ENTITY = 200
"""Bytes of a declared entity's text; there are at most `MAX_ENTITIES` of them."""
MAX_ENTITIES = 300
MAX_EXPANDED = 1_000_000
"""Bytes that all uses of declared entities may come to."""
ROOTS = ("rss", "rdf", "feed", "channel")

_OWN_ENTITIES = N_("The document could not be read as a feed: it declares entities of its own.")
_ROOT = re.compile(rb"<!--.*?(?:-->|\Z)|<((?:[\w.-]+:)?([\w.-]+))(?=[\s/>])", re.DOTALL)
_HTML = re.compile(rb"<(?:!doctype\s+html|html)\b", re.IGNORECASE)
_CONTROL = bytes(sorted({*range(0x20), 0x7F} - {0x09, 0x0A, 0x0D}))
_NO_CHARACTER = re.compile(rb"\xef\xbf[\xbe\xbf]")
_ODD_AMPERSAND = re.compile(rb"&(?!(?:lt|gt|amp|quot|apos|#\d{1,5}|#x[0-9a-fA-F]{1,4});)(?:(#?\w{1,40});)?")
_IMPOSSIBLE = re.compile(
    rb"&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01]|5529[6-9]|55[3-9]\d\d|56\d{3}|57[0-2]\d\d|573[0-3]\d|5734[0-3]|6553[45])"
    rb"|x0*(?:[0-8bBcCeEfF]|1[0-9a-fA-F]|[dD][89a-fA-F][0-9a-fA-F]{2}|[fF]{3}[eEfF]));"
)
_ENTITY = re.compile(rb"<!ENTITY\s+([^>\"']*)(?:\"([^\"]*)\"|'([^']*)')?", re.IGNORECASE)
_UNKNOWN = "\N{REPLACEMENT CHARACTER}".encode()
_NAME = re.compile(rb"([\w.-]{1,100})\s*")
_REFERENCE = re.compile(rb"&(?!#\w{1,8};|(?:lt|gt|amp|quot|apos);)")


def repaired(body: bytes) -> bytes:
    """A document in UTF-8 from its root element on, without what makes a parser stop for nothing.

    Repaired are: warnings and blanks before the root and text after it, control characters, lone ampersands, HTML's
    entities, references to no character. A document with another root comes back as it is, but for that.

    Raises:
        ParseError: it declares entities that are fetched from elsewhere, or of each other.
    """
    body = body.translate(None, _CONTROL)
    if b"\xef\xbf" in body:
        body = _NO_CHARACTER.sub(b"", body)
    entities: dict[bytes, bytes] = {}
    if root := _feed_root(body[:HEAD]):
        entities = _declared(body[: root.start()])
        if sum(len(text) * body.count(b"&" + name + b";") for name, text in entities.items()) > MAX_EXPANDED:
            raise ParseError(_OWN_ENTITIES)
        end = body.rfind(b"</" + root[1])
        end = body.find(b">", end) + 1 if end >= 0 else 0
        body = body[root.start() : end or len(body)]
    elif _ENTITY.search(body[:HEAD]):
        _declared(body[:HEAD])
    if b"<rss:" in body and b"xmlns:rss" not in body:
        # Written by people who think that RSS's own elements need a prefix.
        body = body.replace(b"<rss:", b"<").replace(b"</rss:", b"</")
    return _with_references(body, entities)


def root_name(body: bytes) -> str:
    """The root element's name in lower case without its prefix; empty if there is none near the beginning."""
    match = _first_element(body[:HEAD])
    return match[2].decode("ascii", "replace").lower() if match else ""


def is_web_page(body: bytes) -> bool:
    """Whether it says that it is HTML."""
    return _HTML.search(body[:HEAD]) is not None


def _first_element(head: bytes) -> re.Match[bytes] | None:
    return next((match for match in _ROOT.finditer(head) if match[1]), None)


def _feed_root(head: bytes) -> re.Match[bytes] | None:
    """Where the feed begins, whatever stands before it."""
    page = _HTML.search(head)
    for match in _ROOT.finditer(head):
        if match[1] and match[2].lower().decode("ascii", "replace") in ROOTS:
            return None if page and page.start() < match.start() else match
    return None


def _declared(prolog: bytes) -> dict[bytes, bytes]:
    """The texts of the entities that an old feed declares for its accents."""
    found: dict[bytes, bytes] = {}
    for match in _ENTITY.finditer(prolog):
        if match[1].lstrip().startswith(b"%"):
            continue  # for a DTD, which is never fetched
        name, value = _NAME.fullmatch(match[1]), match[2] if match[2] is not None else match[3]
        harmless = name and value is not None and len(value) <= MAX_ENTITY and not _REFERENCE.search(value)
        if not name or not harmless or len(found) == MAX_ENTITIES:
            raise ParseError(_OWN_ENTITIES)
        found[name[1]] = value
    return found


def _with_references(body: bytes, entities: dict[bytes, bytes]) -> bytes:
    if b"&" not in body:
        return body

    def replacement(match: re.Match[bytes]) -> bytes:
        name = match[1]
        if not name:
            return b"&amp;"
        if name[:1] == b"#":
            return _character(name[1:])
        if name in entities:
            return entities[name]
        character = html5.get(name.decode("utf-8", "replace") + ";")
        return character.encode() if character else b"&amp;" + name + b";"

    parts = body.split(b"<![CDATA[")
    for number, part in enumerate(parts):
        literal, end, text = part.partition(b"]]>") if number else (b"", b"", part)
        if b"&" in text:
            text = _IMPOSSIBLE.sub(_UNKNOWN, _ODD_AMPERSAND.sub(replacement, text))
            parts[number] = literal + end + text
    return b"<![CDATA[".join(parts)


def _character(number: bytes) -> bytes:
    """What a long or wrongly written character reference stands for."""
    digits = number.decode("utf-8", "replace")
    try:
        code = int(digits[1:], 16) if digits[0] in "xX" else int(digits)
        character = chr(code).encode()
    except (ValueError, OverflowError):
        # No number, or no character of this number.
        return _UNKNOWN
    return _UNKNOWN if len(character.translate(None, _CONTROL)) == 0 else character
