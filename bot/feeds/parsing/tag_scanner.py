"""Finds tags in markup of any quality, in time that grows with its length and no faster. Pure.

A tree is not needed where only some elements count, and building one is what hostile markup makes expensive:
200,000 open `<div>` keep lexbor busy for minutes.
"""

import html
import re
from dataclasses import dataclass
from html.entities import html5

MAX_TAG = 65_536
"""Characters of one tag."""
_NAME = re.compile(r"<(/?)([A-Za-z_][\w.:-]*)")
# A quote means something only after "=": a stray one does not swallow the rest of the page.
_BODY = re.compile(r"""(?:[^<>=]++|=\s*+(?:"[^"]*+"|'[^']*+')?+)*+(?=[<>])""")
_ATTRIBUTE = re.compile(r"""([^\s<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>][^\s>]*)))?""")
_REFERENCE = re.compile(r"&(#[xX][0-9a-fA-F]{1,6}|#[0-9]{1,7}|[A-Za-z][A-Za-z0-9]{1,31});")
_RAW = ("script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes")
_RAW_END = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in _RAW}


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag's beginning; what follows the name is read by whoever wants it."""

    name: str
    """Lower case, without a prefix."""
    closing: bool
    start: int
    after_name: int


class Tags:
    """Goes through a text tag by tag. What a tag holds is looked at only if nobody moves `position` behind it."""

    def __init__(self, text: str, *, is_html: bool) -> None:
        self.text = text
        self.position = 0
        self._is_html = is_html
        # Where something that was opened can still end: without that it is no comment but text.
        self._last = {mark: text.rfind(mark) for mark in ("-->", "]]>", "?>", ">", "]")}

    def next(self) -> Tag | None:
        """The next tag outside of comments, sections of character data and instructions; None at the end."""
        while (start := self.text.find("<", self.position)) >= 0:
            follower = self.text[start + 1 : start + 2]
            if follower == "!":
                self.position = self._after_declaration(start)
            elif follower == "?":
                self.position = self._after("?>", start) if not self._is_html else self._after(">", start)
            elif (match := _NAME.match(self.text, start)) is not None:
                self.position = match.end()
                name = match[2].rpartition(":")[2].lower()
                return Tag(name, bool(match[1]), start, match.end())
            else:
                self.position = start + 1
        self.position = len(self.text)
        return None

    def attributes(self, tag: Tag) -> dict[str, str] | None:
        """A tag's attributes, names in lower case, as browsers read them; the position is behind the tag then.

        None where the tag does not end, and the position stays behind its name.
        """
        body = _BODY.match(self.text, tag.after_name, tag.after_name + MAX_TAG)
        if body is None:
            return None
        self.position = body.end()
        if self.text[body.end()] == ">":
            self.position += 1
        elif self._is_html:
            return None  # `<a <b>`: nobody can say what was meant
        found: dict[str, str] = {}
        for match in _ATTRIBUTE.finditer(body[0]):
            found.setdefault(match[1].lower(), unescape(match[2] or match[3] or match[4] or ""))
        return found

    def skip_raw(self, tag: Tag) -> None:
        """Go behind what an HTML element holds that is text whatever it looks like: scripts, styles, titles."""
        if tag.name in _RAW_END and not tag.closing:
            end = _RAW_END[tag.name].search(self.text, self.position)
            self.position = end.start() if end else len(self.text)

    def _after_declaration(self, start: int) -> int:
        if self.text.startswith("<!--", start):
            return self._after("-->", start)
        if self.text.startswith("<![CDATA[", start) and not self._is_html:
            return self._after("]]>", start)
        after = self._after(">", start)
        inner = -1 if self._is_html else self.text.find("[", start, after)
        if inner >= 0:
            after = self._after(">", self._after("]", inner))
        return after

    def _after(self, mark: str, start: int) -> int:
        """Behind the mark, or behind what opened it where it never comes."""
        if self._last[mark] < start:
            return start + 2
        return self.text.find(mark, start) + len(mark)


def unescape(text: str) -> str:
    """Character references resolved where they end in a semicolon.

    Without one nobody can tell: `?a=1&copy=2` is an address with two parameters.
    """
    return _REFERENCE.sub(_resolved, text) if "&" in text else text


def _resolved(match: re.Match[str]) -> str:
    if match[1].startswith("#"):
        return html.unescape(match[0])
    return html5.get(f"{match[1]};", match[0])
