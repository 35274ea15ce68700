"""Turns a document's bytes into UTF-8, whatever its encoding is and whatever was said of it."""

import codecs
import re

from bot.feeds.encodings import guess

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_FIRST_CHARACTERS = (
    # How `<` and another character look where there is no mark (XML 1.0, appendix F).
    (re.compile(rb"[<{\[\s]\0\0\0", re.DOTALL), "utf-32-le"),
    (re.compile(rb"\0\0\0[<{\[\s]", re.DOTALL), "utf-32-be"),
    (re.compile(rb"[<{\[\s]\0[^\0]\0", re.DOTALL), "utf-16-le"),
    (re.compile(rb"\0[<{\[\s]\0[^\0]", re.DOTALL), "utf-16-be"),
    (re.compile(rb"\x4c\x6f\xa7\x94"), "cp037"),
)
_HTTP_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_XML_ENCODING = re.compile(rb"<\?xml\s[^>]{0,200}?encoding\s*=\s*[\"']\s*([\w.:-]{1,40})", re.IGNORECASE)
_XML_DECLARATION = re.compile(rb"<\?xml\s[^<>]{0,200}\?>", re.IGNORECASE)
_SWITCH = re.compile(rb"\x1b\$(?:[@B]|(\)C))")
"""How ISO-2022-JP and ISO-2022-KR, which have no byte above 127, begin a text."""
_TEXT_CODEC = re.compile(
    r"utf-(?:8|16|32)(?:-[bl]e|-sig)?|ascii|cp\d+|iso8859-\d+|koi8-[rtu]|mac-\w+|gb\d+|gbk|hz|big5(?:hkscs)?|"
    r"euc_\w+|shift_jis\w*|iso2022_\w+|johab|tis-620|ptcp154"
)
"""Python has others (punycode, unicode_escape, idna) that are slow or make something else of text."""
_WIDER = {
    # What publishers call by the name on the left is the larger set on the right (WHATWG Encoding Standard, 4.2).
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874", "tis-620": "cp874",
    "gb2312": "gb18030", "gbk": "gb18030", "euc_kr": "cp949", "big5": "big5hkscs", "shift_jis": "cp932",
}  # fmt: skip
_NAMES = {"x-sjis": "cp932", "windows-31j": "cp932", "x-euc-jp": "euc_jp", "x-gbk": "gb18030", "windows-874": "cp874"}
_SERVER_DEFAULTS = {"cp1252"}
"""What web servers say of every file: it counts less than what the document says of itself."""
_CESU = re.compile(rb"\xed([\xa0-\xaf])([\x80-\xbf])\xed([\xb0-\xbf])([\x80-\xbf])")
GOOD_FOR_ONE_BAD = 20
"""Characters that must be right for each that is wrong, for an encoding to be believed in spite of the wrong ones."""
DECLARATION = b'<?xml version="1.0" encoding="utf-8"?>'


def as_utf8(body: bytes, content_type: str | None) -> bytes:
    """The same document in UTF-8 and saying so, without byte order mark; bytes of no encoding become U+FFFD.

    Bytes above 127 that read as UTF-8 are UTF-8, whatever is declared: other encodings do not do that by accident.
    """
    mark, encoding = next(((mark, name) for mark, name in _BOMS if body.startswith(mark)), (b"", None))
    body = body[len(mark) :]
    if encoding is None:
        encoding = next((name for start, name in _FIRST_CHARACTERS if start.match(body)), None)
    if encoding not in {None, "utf-8"}:
        return _declared_as_utf8(body.decode(encoding or "", "replace").lstrip("\ufeff").encode("utf-8", "replace"))
    # A join of files may have a mark for each.
    body = body.replace(codecs.BOM_UTF8, b"") if codecs.BOM_UTF8 in body[:200] else body
    if body.isascii():
        switch = _SWITCH.search(body)
        if switch is None:
            return _declared_as_utf8(body)
        return _declared_as_utf8(body.decode("iso2022_kr" if switch[1] else "iso2022_jp_2", "replace").encode())
    valid = _valid_utf8(body)
    if valid is not None:
        return _declared_as_utf8(valid)
    return _declared_as_utf8(_decoded(body, content_type).encode("utf-8", "replace"))


def _valid_utf8(body: bytes) -> bytes | None:
    """UTF-8 without a character that the end cuts in two, or None."""
    for candidate in (body, _without_cesu(body)):
        try:
            _, length = codecs.utf_8_decode(candidate, "strict", False)
        except UnicodeDecodeError:
            continue
        return candidate[:length]
    return None


def _without_cesu(body: bytes) -> bytes:
    """Java and Oracle write characters beyond the first plane as two halves of three bytes each (CESU-8)."""
    if b"\xed" not in body:
        return body

    def joined(match: re.Match[bytes]) -> bytes:
        high, low = (match[0][i : i + 3].decode("utf-8", "surrogatepass") for i in (0, 3))
        return chr(0x10000 + ((ord(high) & 0x3FF) << 10) + (ord(low) & 0x3FF)).encode()

    return _CESU.sub(joined, body)


def _decoded(body: bytes, content_type: str | None) -> str:
    said = _HTTP_CHARSET.search(content_type or "")
    declared = _XML_ENCODING.search(body[:2000])
    names = [_codec(said[1]) if said else None, _codec(declared[1].decode("ascii")) if declared else None]
    if names[0] in _SERVER_DEFAULTS:
        names.reverse()
    candidates = [name for name in dict.fromkeys(names) if name]
    for name in candidates:
        text = _believed(body, name)
        if text is not None:
            return text
    # Nobody says UTF-8 of anything else as often as of this.
    text = _believed(body, "utf-8")
    return text if text is not None else body.decode(guess.encoding(body), "replace")


def _believed(body: bytes, name: str) -> str | None:
    """The text, if nearly all of it is possible in this encoding."""
    try:
        return body.decode(name)
    except UnicodeDecodeError:
        text = body.decode(name, "surrogateescape" if name == "utf-8" else "replace")
    if name == "utf-8":
        bad = sum(1 for character in text if "\udc80" <= character <= "\udcff")
        # The odd byte was pasted into it from a program that writes windows-1252.
        text = text.translate(_PASTED)
    else:
        bad = text.count("\ufffd")
    good = sum(1 for character in text if character > "\x7f") - bad
    return text if good >= GOOD_FOR_ONE_BAD * bad else None


_PASTED = {0xDC00 + byte: bytes([byte]).decode("cp1252", "replace") for byte in range(0x80, 0x100)}


def _codec(label: str) -> str | None:
    """Python's name for it, or None if it is no encoding of text."""
    try:
        name = codecs.lookup(_NAMES.get(label.lower(), label)).name
    except (LookupError, ValueError):
        return None
    name = _WIDER.get(name, name)
    # A document that is read here as bytes of ASCII and more is in no UTF-16.
    return name if _TEXT_CODEC.fullmatch(name) and not name.startswith(("utf-16", "utf-32")) else None


def is_text_codec(module: str) -> bool:
    """Whether a module of Python's `encodings` is one that documents are decoded with."""
    return module == "latin_1" or any(_TEXT_CODEC.fullmatch(name) for name in (module, module.replace("_", "-")))


def _declared_as_utf8(body: bytes) -> bytes:
    declared = _XML_DECLARATION.search(body[:2000])
    if declared is None or declared[0] == DECLARATION:
        return body
    return body[: declared.start()] + DECLARATION + body[declared.end() :]
