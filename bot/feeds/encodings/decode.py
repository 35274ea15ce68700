"""Bytes to text where no library does it for us: web pages and subscription lists, whatever they declare. Pure."""

import codecs
import re

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(rb"(?:charset|encoding)\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
_HEAD = 2_048
# Others of Python's are no encodings of documents, and some of those take very long.
_READABLE = re.compile(r"(?:utf-8|iso8859|cp\d|koi8|big5|gb|euc|shift|johab|mac|hz|iso2022|tis|ascii|ptcp)")
# What a name stands for on the web: the larger set that its users really write.
_WIDER = {"iso8859-1": "cp1252", "ascii": "cp1252", "shift_jis": "cp932", "gb2312": "gb18030", "gbk": "gb18030"}
_STRAY = {0xDC00 + byte: bytes([byte]).decode("cp1252", "replace") for byte in range(0x80, 0x100)}


def decode(body: bytes, content_type: str | None = None) -> str:
    """The document's text. Never raises: what cannot be read is replaced, character by character.

    Bytes that read as UTF-8 are UTF-8, whatever is declared: other encodings do not do that by accident. In a
    document that is UTF-8 but for some stray bytes, those are read as windows-1252, which is what they are nearly
    always.
    """
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace")
    if (wide := _wide(body[:4])) is not None:
        return body.decode(wide, "replace")
    declared = _declared(body, content_type)
    if b"\x1b" not in body or declared is None:
        try:
            return body.decode("utf-8")
        except UnicodeDecodeError:
            pass
    if declared is None or declared == "utf-8":
        return body.decode("utf-8", "surrogateescape").translate(_STRAY)
    return body.decode(declared, "replace")


def _wide(start: bytes) -> str | None:
    """UTF-16 without a mark, seen by the blanks in its first tag."""
    if len(start) == 4 and start[0] and not start[1] and start[2] and not start[3]:
        return "utf-16-le"
    if len(start) == 4 and not start[0] and start[1] and not start[2] and start[3]:
        return "utf-16-be"
    return None


def _declared(body: bytes, content_type: str | None) -> str | None:
    """What the host says, else the document, by Python's name; None where it is nothing that can be read."""
    header, inside = _HEADER.search(content_type or ""), _DECLARED.search(body[:_HEAD])
    for name in (header[1] if header else None, inside[1].decode("ascii", "replace") if inside else None):
        try:
            found = codecs.lookup(name).name if name else ""
        except LookupError:
            continue
        found = _WIDER.get(found, found)
        if _READABLE.match(found):
            return found
    return None
