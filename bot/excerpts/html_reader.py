"""HTML to lines of Markdown pieces, each of which may stand or be cut as a whole. Bounded for hostile documents."""

import html as entities
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import islice

from selectolax.lexbor import LexborHTMLParser, LexborNode

from bot.excerpts import code, escape, html_elements, inline, links
from bot.excerpts.html_tree import Atom, Document, Kind, Line
from bot.excerpts.masked_link_label import label
from bot.plain_text import as_html

# lexbor is quadratic in nesting: 8,000 nested elements take 0.7 s, 3,000 under 0.1 s. An excerpt needs far fewer.
MAX_CHARACTERS = 100_000
MAX_TAGS = 3_000
ENOUGH = 12_000
"""Characters of text after which no more is read unless the caller needs less: an embed shows 2,000."""
_LINK_TEXT = 160
_ALT = 200
_MAX_LIST = 4

_ANCHOR_TEXTS = frozenset({"", "#", "¶", "§", "↩", "↩\ufe0e", "🔗", "^", "↑"})
_FOOTNOTE = re.compile(r"#_?(?:fn|ftn|footnote|note|cite|ref|easy-footnote)", re.IGNORECASE)
_ESCAPED_TWICE = re.compile(
    r"&lt;(?:a\s+href=|img\s+[a-z]+=|(?:br|hr)\s*/?&gt;|/(?:p|a|b|i|div|li|ul|strong|em|span|h[1-6])&gt;)",
    re.IGNORECASE,
)
# Pictures written out in the text would leave no room for its words.
_INLINE_FILE = re.compile(r"data:[\w/+.;=-]{0,60}base64,[A-Za-z0-9+/=%]{100,}")
_HAS_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_COMMENT = re.compile(r"<!--(?:-?>|.*?(?:--!?>|\Z))|<!\[(?:if|endif)\b[^<>]*>", re.DOTALL | re.IGNORECASE)


def read(html: str, base_url: str | None, enough: int = ENOUGH) -> Document:
    """Never raises for any text; reads at most MAX_CHARACTERS and MAX_TAGS, and about `enough` characters of text."""
    html = _INLINE_FILE.sub("data:,", html[: 10 * MAX_CHARACTERS])
    whole = len(html)
    html = html[:MAX_CHARACTERS].encode("utf-8", "replace").decode("utf-8")
    if not _HAS_TAG.search(html):
        # A comment alone does not make plain words HTML, and is not shown with them.
        plain = entities.unescape(_COMMENT.sub("", html))
        html = plain if _ESCAPED_TWICE.search(html) else as_html(plain)
        whole = len(html) if whole <= MAX_CHARACTERS else whole
    bounded = _bounded(html)
    body = LexborHTMLParser(bounded).body
    reader = _Reader(base_url, min(enough, ENOUGH))
    complete = reader.read(body) if body is not None else True
    return Document(
        reader.lines, reader.pictures, reader.players, cut=not complete or len(bounded) < len(html) or len(html) < whole
    )


def _bounded(html: str) -> str:
    tag = next(islice(re.finditer("<", html), MAX_TAGS, None), None)
    return html[: tag.start()] if tag else html


@dataclass(slots=True)
class _Numbers:
    """Where an ordered list has come to."""

    next: int
    step: int


@dataclass(frozen=True, slots=True)
class _Context:
    marks: tuple[str, ...] = ()
    quote: bool = False
    depth: int = 0
    numbers: _Numbers | None = None
    kind: Kind = Kind.TEXT
    table_has_names: bool = False


class _Reader:
    """Walks the tree with a stack of its own, so that no depth can exhaust Python's."""

    def __init__(self, base_url: str | None, enough: int) -> None:
        self.lines: list[Line] = []
        self.pictures: list[str] = []
        self.players: list[str] = []
        self._base_url = base_url
        self._enough = enough
        self._line: Line | None = None
        self._gap = 0
        self._space = False
        self._marker = ""
        self._said = 0
        self._own: dict[str, Callable[[LexborNode, _Context], bool]] = {
            "-text": self._text_node,
            "br": self._line_break,
            "img": self._picture,
            "a": self._link,
            "pre": self._code_block,
            "input": self._checkbox,
            "sup": self._small,
            "sub": self._small,
            "math": self._formula,
            "q": self._quotation,
            "rt": self._reading,
        }
        self._own.update(dict.fromkeys(html_elements.CODE, self._code))

    def read(self, body: LexborNode) -> bool:
        """Whether all of it was read."""
        stack: list[tuple[LexborNode, _Context, bool]] = [(body, _Context(), False)]
        while stack:
            node, context, leaving = stack.pop()
            if leaving:
                self._leave(node.tag or "", context)
                continue
            if self._said > self._enough:
                return False
            inner = self._enter(node, context)
            if inner is None:
                continue
            stack.append((node, context, True))
            stack.extend((child, inner, False) for child in reversed(list(node.iter(include_text=True))))
        return self._said <= self._enough

    def _enter(self, node: LexborNode, context: _Context) -> _Context | None:
        """Write what the node itself says. Returns the context for its children, None to leave them out."""
        tag = node.tag or ""
        if tag in html_elements.PLAYERS and (film := links.player(node.attributes.get("src"))):
            self.players.append(film)
        if (
            tag in html_elements.DROPPED
            or tag in html_elements.PLAYERS
            or (tag != "-text" and html_elements.is_furniture(node.attributes))
        ):
            return None
        own = self._own.get(tag)
        if own is not None and own(node, context):
            return None
        if tag in {"td", "th"}:
            self._cell(context)
        elif gap := self._gap_of(tag, context):
            self._break(gap)
        return self._inner(tag, node, context)

    def _inner(self, tag: str, node: LexborNode, context: _Context) -> _Context:
        attributes = node.attributes
        if tag in html_elements.HEADINGS or tag in html_elements.SMALL_HEADINGS:
            small = tag in html_elements.SMALL_HEADINGS or context.depth > 0 or context.kind is Kind.ROW
            return replace(context, marks=(html_elements.BOLD,) if small else (), kind=Kind.HEADING)
        if html_elements.is_caption(tag, attributes):
            return replace(context, kind=Kind.CAPTION)
        if own := html_elements.marks(tag, attributes):
            wanted = {*context.marks, *own} - ({html_elements.BOLD} if self._is_large_heading(context) else set())
            context = replace(context, marks=tuple(sorted(wanted, key=html_elements.MARK_ORDER.index)))
        if tag == "blockquote":
            return replace(context, quote=True, depth=0, numbers=None)
        if tag == "table":
            return replace(context, kind=Kind.ROW, table_has_names=node.css_first("th") is not None)
        if tag in html_elements.LISTS:
            numbers = self._numbers(node) if tag == "ol" else None
            return replace(context, depth=min(context.depth + 1, _MAX_LIST), numbers=numbers)
        if tag == "li":
            self._begin_item(attributes.get("value"), context)
        return context

    @staticmethod
    def _is_large_heading(context: _Context) -> bool:
        return context.kind is Kind.HEADING and html_elements.BOLD not in context.marks

    @staticmethod
    def _numbers(node: LexborNode) -> _Numbers:
        backwards = "reversed" in node.attributes
        items = sum(1 for child in node.iter() if child.tag == "li") if backwards else 1
        return _Numbers(_number(node.attributes.get("start"), items), -1 if backwards else 1)

    def _begin_item(self, value: str | None, context: _Context) -> None:
        self._marker = "- "
        if context.numbers is not None:
            number = _number(value, context.numbers.next)
            # Discord counts on by itself from the first number; any other is said in words.
            dot = "." if number == context.numbers.next and context.numbers.step > 0 else "\\."
            self._marker = f"{number}{dot} "
            context.numbers.next = max(0, number + context.numbers.step)

    def _gap_of(self, tag: str, context: _Context) -> int:
        """How many newlines part the element from what is before it; 0 for what goes on in the line."""
        if tag in html_elements.PARAGRAPHS:
            if context.depth or self._is_list_after_colon(tag):
                return 1
            return 2
        return 1 if tag in html_elements.BLOCKS or tag in html_elements.ROWS or tag == "li" else 0

    def _is_list_after_colon(self, tag: str) -> bool:
        return tag in html_elements.LISTS and bool(self.lines) and self.lines[-1].plain.endswith((":", "："))  # noqa: RUF001

    def _leave(self, tag: str, context: _Context) -> None:
        if gap := self._gap_of(tag, context):
            self._break(gap)
        if tag == "li":
            self._marker = ""
        elif tag == "q":
            self._glued("”", context)
        elif tag == "rt":
            self._glued(")", context)

    def _break(self, gap: int) -> None:
        self._line = None
        self._gap = max(self._gap, gap)

    def _begin_line(self, context: _Context) -> Line:
        prefix = "> " if context.quote else ""
        kind = context.kind
        if context.depth:
            prefix += "  " * (context.depth - 1) + (self._marker or "  ")
            kind = Kind.ITEM if kind is Kind.TEXT else kind
        elif self._is_large_heading(context):
            prefix += "### "
        elif kind is Kind.CAPTION:
            prefix += "-# "
        gap = self._gap
        if self.lines and self._follows_closely(kind, context):
            gap = 1
        line = Line(gap if self.lines else 0, prefix, kind, quoted=context.quote)
        self._marker, self._gap, self._space = "", 0, False
        self.lines.append(line)
        self._line = line
        return line

    def _follows_closely(self, kind: Kind, context: _Context) -> bool:
        """A heading stays with its text, a list with the line that announces it."""
        before = self.lines[-1]
        if before.kind is Kind.HEADING:
            return True
        announced = before.plain.endswith((":", "："))  # noqa: RUF001 - the full-width colon is meant
        return kind is Kind.ITEM and context.depth == 1 and before.kind is Kind.TEXT and announced

    def _add(self, atom: Atom, context: _Context) -> None:
        line = self._line
        if line is None:
            line = self._begin_line(context)
            atom = replace(atom, space=False)
        line.atoms.append(atom)
        self._said += len(atom.plain) + 1
        self._space = False

    def _glued(self, text: str, context: _Context) -> None:
        """A piece that belongs to the word before it."""
        self._space = False
        self._add(Atom(escape.escape(text), text, space=False, marks=context.marks), context)

    def _text_node(self, node: LexborNode, context: _Context) -> bool:
        self._text(node.text_content or "", context)
        return True

    def _text(self, text: str, context: _Context) -> None:
        text = escape.clean(text[: 2 * ENOUGH])
        if text[:1].isspace():
            self._space = True
        for word in text.split():
            if word.startswith(("https://", "http://")) and links.is_long(word):
                self._add(Atom(links.bare(word), links.read_as(word), self._space, context.marks), context)
                self._space = True
                continue
            for piece in [word] if "://" in word else escape.pieces(word):
                if self._said > self._enough:
                    return
                self._add(Atom(escape.escape(piece), piece, self._space, context.marks), context)
            self._space = True
        if text and not text[-1:].isspace():
            self._space = False

    def _line_break(self, _: LexborNode, context: _Context) -> bool:
        self._gap = min(2, self._gap + 1) if self._line is None and self.lines else max(self._gap, 1)
        if context.depth:
            self._gap = min(1, self._gap)
        self._line = None
        return True

    def _cell(self, context: _Context) -> None:
        if self._line is not None and self._line.atoms:
            if self._line.atoms[-1].text == "·" and context.table_has_names:
                self._add(Atom("–", "–", space=True), context)  # noqa: RUF001 - an empty cell in its column
            if self._line.atoms[-1].text != "·":
                self._add(Atom("·", "·", space=True), context)
            self._space = True

    def _picture(self, node: LexborNode, context: _Context) -> bool:
        attributes = node.attributes
        words = " ".join(escape.clean((attributes.get("alt") or "")[:_ALT]).split())
        named = html_elements.named(attributes)
        if words and len(words) <= 8 and re.search("emoji|smiley", named):
            self._text(words, context)
        elif words and re.search(r"\b(?:latex|tex|math|mwe-math|equation)", named):
            self._add(Atom(code.inline(words) or escape.escape(words), words, self._space, context.marks), context)
        words = " ".join(escape.clean((attributes.get("title") or "")[: 3 * _ALT]).split()) or words
        if " " in words:
            self.pictures.append(words)
        return True

    def _link(self, node: LexborNode, context: _Context) -> bool:
        """Whether the link is done with; otherwise its children are read as plain text."""
        raw = (node.attributes.get("href") or "").strip()
        words, shown, has_blocks = inline.words_of(node)
        text = " ".join(words.split())
        if links.is_share(raw) or (text in _ANCHOR_TEXTS and node.css_first("img") is None):
            return True
        if raw.startswith("#") or _FOOTNOTE.search(raw):
            # A footnote's number says nothing without the footnote.
            return text.strip("[]()†‡*").isdigit() or text in {"†", "‡", "*"}
        href = links.absolute(self._base_url, raw)
        if href is None or not text or len(text) > _LINK_TEXT or has_blocks:
            return False
        self._space = self._space or words[:1].isspace()
        if links.is_address(text, href):
            # Discord shows a masked link as it is typed if its text is an address; show where it really goes.
            self._add(Atom(links.bare(href), links.read_as(href), self._space, context.marks, href), context)
        elif links.names_another(text, href):
            self._add(Atom(links.disclosed(shown, href), text, self._space, context.marks, href), context)
        else:
            words_shown = label(shown, context.marks)
            self._add(Atom(links.masked(words_shown, href), text, self._space, context.marks, href), context)
        self._space = words[-1:].isspace()
        return True

    def _code(self, node: LexborNode, context: _Context) -> bool:
        text = node.text() or ""
        shown = code.inline(text)
        if shown:
            plain = " ".join(escape.clean(text).split())
            self._add(Atom(shown, plain, self._space, context.marks), context)
        return shown is not None or not text.strip()

    def _code_block(self, node: LexborNode, context: _Context) -> bool:
        block = code.block(node)
        if block is not None:
            self._break(1 if context.depth else 2)
            self._marker = ""
            self._add(Atom(block[0], block[1], space=False, block=True), replace(context, depth=0, kind=Kind.TEXT))
            self._break(2)
        return True

    def _checkbox(self, node: LexborNode, context: _Context) -> bool:
        if node.attributes.get("type") == "checkbox":
            sign = "☑" if "checked" in node.attributes else "☐"
            self._add(Atom(sign, sign, self._space), context)
            self._space = True
        return True

    def _small(self, node: LexborNode, context: _Context) -> bool:
        text = escape.clean(node.text() or "").strip()
        shown = inline.raised(text) if node.tag == "sup" else inline.lowered(text)
        if node.css_first("a, img, math") is not None or shown is None:
            return False
        self._add(Atom(escape.escape(shown), shown, self._space, context.marks), context)
        return True

    def _formula(self, node: LexborNode, context: _Context) -> bool:
        words = inline.formula(node)
        if words:
            self._add(Atom(code.inline(words) or escape.escape(words), words, self._space, context.marks), context)
        return True

    def _quotation(self, _: LexborNode, context: _Context) -> bool:
        self._add(Atom("“", "“", self._space, context.marks), context)
        return False

    def _reading(self, _: LexborNode, context: _Context) -> bool:
        self._glued("(", context)
        return False


def _number(text: str | None, otherwise: int) -> int:
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else otherwise
