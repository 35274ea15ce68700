"""The words of a masked link. Discord shows escapes between its square brackets, so these words need none. Pure.

A sign that would act becomes one that looks like it, or gets a sign without width beside it; one that would not act
stays as it is.
"""

import re
from collections.abc import Callable

_PIECE = re.compile(r"(?P<code>(?<!`)(`+)(?!`)(?:(?!\2).|\2`)*?[^`]\2(?!`))|\\(?P<sign>[^0-9A-Za-z\s])", re.DOTALL)
_PAIRED = re.compile(r"[^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*")
_OPENING, _CLOSING = re.compile(r"\\?\["), re.compile(r"\\?\]")
_INNER_LINK = re.compile(r"\](?=\()")
_NO_ADDRESS = ":/\u200b/"
_SPACE = "\u200b"
_STAR, _LOW_LINE, _GRAVE = "\N{ASTERISK OPERATOR}", "\N{MODIFIER LETTER LOW MACRON}", "\N{MODIFIER LETTER GRAVE ACCENT}"
_IN_WORD = re.compile(r"[0-9A-Za-z]")
_TAG = re.compile(r"<[^<>\s]*[:@#][^<>]*>")


def label(shown: str, around: tuple[str, ...] = ()) -> str:
    """Markdown as it may stand between the square brackets of a masked link.

    Discord makes no link of words with an address in them, or with brackets that do not pair: it counts escaped ones.

    Args:
        around: the marks that are open where the link stands.
    """
    shown = shown.replace("://", _NO_ADDRESS)
    if not _PAIRED.fullmatch(shown):
        shown = _CLOSING.sub(")", _OPENING.sub("(", shown))
    bare = _PIECE.sub(lambda found: found["code"] or found["sign"], shown)
    marks = "".join(around)

    def unescaped(found: re.Match[str]) -> str:
        if found["code"]:
            return found["code"]
        sign = found["sign"]
        replace = _SIGNS.get(sign)
        return sign if replace is None else replace(shown, found, bare, marks)

    words = _INNER_LINK.sub(f"]{_SPACE}", _PIECE.sub(unescaped, shown))
    return words + _SPACE if words.endswith("\\") else words


def _star(_shown: str, _found: re.Match[str], bare: str, marks: str) -> str:
    return "*" if bare.count("*") == 1 and "*" not in marks.replace("**", "") else _STAR


def _low_line(shown: str, found: re.Match[str], bare: str, marks: str) -> str:
    before, after = shown[: found.start()][-1:], shown[found.end() :][:1]
    in_word = _IN_WORD.match(before) and _IN_WORD.match(after)
    return "_" if in_word or (bare.count("_") == 1 and "_" not in marks) else _LOW_LINE


def _grave(_shown: str, _found: re.Match[str], bare: str, _marks: str) -> str:
    return "`" if bare.count("`") == 1 else _GRAVE


def _doubled(_shown: str, found: re.Match[str], bare: str, marks: str) -> str:
    """Of signs that act in twos, two of them on both sides."""
    sign = found["sign"]
    acts = bare.count(sign) > 3 or sign in marks
    return sign + _SPACE if acts else sign


def _tag(shown: str, found: re.Match[str], _bare: str, _marks: str) -> str:
    rest = _PIECE.sub(lambda inner: inner["code"] or inner["sign"], shown[found.start() :])
    return f"<{_SPACE}" if _TAG.match(rest) else "<"


def _colon(*_: object) -> str:
    return f":{_SPACE}"  # escaped only where it would begin a picture


_SIGNS: dict[str, Callable[[str, re.Match[str], str, str], str]] = {
    "*": _star,
    "_": _low_line,
    "`": _grave,
    "~": _doubled,
    "|": _doubled,
    "<": _tag,
    ":": _colon,
}
