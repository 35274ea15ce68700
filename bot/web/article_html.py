"""A feed's HTML as a page shows it: cleaned, cut, and with nothing that a browser would fetch from somewhere else."""

import re

import nh3
from markupsafe import Markup

TAGS = {
    "a", "abbr", "b", "blockquote", "br", "caption", "cite", "code", "dd", "del", "dl", "dt", "em", "h3", "h4", "h5", "h6", "hr",
    "i", "ins", "kbd", "li", "mark", "ol", "p", "pre", "q", "s", "samp", "strong", "sub", "sup", "table", "tbody", "td", "tfoot",
    "th", "thead", "tr", "u", "ul", "var",
}  # fmt: skip
ATTRIBUTES = {
    "a": {"href", "title", "hreflang"},
    "abbr": {"title"},
    "ol": {"start", "reversed"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
}
SCHEMES = {"http", "https", "mailto"}
MAX_MARKUP = 40
"""Characters of HTML that are read for each that is shown, at most."""
_VOID = frozenset({"br", "hr"})
_PIECE = re.compile(r"<(/?)([a-z][a-z0-9]*)[^<>\"]*(?:\"[^\"]*\"[^<>\"]*)*>|[^<]+", re.ASCII)
_HEADING = re.compile(r"(</?)h[12](?=[\s>/])", re.IGNORECASE)


def shown(html: str, most: int) -> tuple[Markup, bool]:
    """The HTML with about so many characters of text at most, and whether it was cut.

    Headings stay below those of the page.
    """
    clean = nh3.clean(
        _HEADING.sub(r"\1h3", html[: most * MAX_MARKUP]),
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        clean_content_tags={"script", "style", "template", "noscript", "iframe", "svg", "math"},
        link_rel="nofollow noopener ugc",
    )
    text, was_cut = _cut(clean.strip(), most)
    return Markup(text), was_cut or len(html) > most * MAX_MARKUP  # noqa: S704 - cleaned just now


def _cut(clean: str, most: int) -> tuple[str, bool]:
    written: list[str] = []
    open_tags: list[str] = []
    left = most
    for match in _PIECE.finditer(clean):
        piece, closing, tag = match[0], match[1], match[2]
        if tag is None:
            if len(piece) > left:
                written.append(_at_a_word(piece, left))
                written += [f"</{name}>" for name in reversed(open_tags)]
                return "".join(written), True
            left -= len(piece)
        elif closing:
            if open_tags and open_tags[-1] == tag:
                open_tags.pop()
        elif tag not in _VOID:
            open_tags.append(tag)
        written.append(piece)
    return "".join(written), False


def _at_a_word(text: str, most: int) -> str:
    """Cut before a word, and never inside of a character's name such as &amp;."""
    cut = text[:most]
    if (at := cut.rfind("&")) > cut.rfind(";"):
        cut = cut[:at]
    space = cut.rfind(" ")
    return (cut[:space] if space > most // 2 else cut).rstrip() + "…"
