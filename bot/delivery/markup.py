"""HTML to lines of Markdown pieces, each of which may stand or be cut as a whole. Bounded for hostile documents."""

import html as entities
import re
from dataclasses import dataclass, field, replace
from itertools import islice
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from bot.delivery import escape

# lexbor is quadratic in nesting: 8,000 nested elements take 0.7 s, 3,000 under 0.1 s. An excerpt needs far fewer.
MAX_CHARACTERS = 100_000
MAX_TAGS = 3_000
_LINK_TEXT = 160

BOLD, ITALIC, STRIKE = "**", "*", "~~"
_MARKS = {"b": BOLD, "strong": BOLD, "th": BOLD, "dt": BOLD, "i": ITALIC, "em": ITALIC, "cite": ITALIC}
_MARKS |= {"s": STRIKE, "del": STRIKE, "strike": STRIKE}
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_DROPPED = frozenset(
    [
        "script",
        "style",
        "noscript",
        "iframe",
        "object",
        "embed",
        "svg",
        "math",
        "form",
        "button",
        "input",
        "select",
        "textarea",
        "template",
        "head",
        "title",
        "nav",
        "audio",
        "video",
        "canvas",
        "map",
        "figcaption",
        "-comment",
        "!doctype",
    ]
)
_PARAGRAPHS = frozenset(
    [
        "p",
        "div",
        "section",
        "article",
        "header",
        "footer",
        "main",
        "aside",
        "figure",
        "table",
        "ul",
        "ol",
        "dl",
        "pre",
        "hr",
        "center",
    ]
)
_PARAGRAPHS |= {"blockquote", "details", "address"} | _HEADINGS
_ROWS = frozenset(["tr", "dt", "dd", "caption", "summary", "option"])
_FURNITURE = re.compile(
    r"sharedaddy|feedflare|addtoany|addthis|jp-relatedposts|share-?(?:bar|buttons?|links?)|social-?(?:share|links?|bar)"
    r"|screen-reader|sr-only|visually-hidden",
    re.IGNORECASE,
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_SHARE_LINK = re.compile(
    r"facebook\.com/(?:sharer|share\.php)|(?:twitter|x)\.com/(?:intent|share)|linkedin\.com/share|/~ff/|/~r/\S+/~4/"
    r"|reddit\.com/submit|pinterest\.com/pin/create|addtoany\.com|getpocket\.com/save|t\.me/share",
    re.IGNORECASE,
)
_ANCHOR_TEXTS = frozenset({"", "#", "¶", "§", "↩", "↩\ufe0e", "🔗", "^"})
_LANGUAGE = re.compile(r"(?:language-|lang-|highlight-source-|brush:\s*)([a-z0-9+#-]{1,20})", re.IGNORECASE)
_LOOKS_LIKE_ADDRESS = re.compile(r"://|^www\.|^[\w.-]+\.(?:com|org|net|io|gg|dev|test)(?:/|$)", re.IGNORECASE)
_SHORT_LINE = re.compile(r"(?m)^(.{0,59})\n(?![a-z])")
_ESCAPED_TWICE = re.compile(r"&lt;(?:a\s+href=|img\s+[a-z]+=|br\s*/?&gt;|/(?:p|a|b|div|li)&gt;)", re.IGNORECASE)
_HAS_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")


@dataclass(frozen=True, slots=True)
class Atom:
    """A piece that is never cut. `plain` is how it reads, `text` its Markdown."""

    text: str
    plain: str
    space: bool
    marks: tuple[str, ...] = ()
    href: str | None = None
    block: bool = False
    """A whole code block; `text` has its lines with fences."""


@dataclass(slots=True)
class Line:
    """One line of output. `gap` is the number of newlines before it."""

    gap: int
    prefix: str
    heading: bool
    atoms: list[Atom] = field(default_factory=list)

    @property
    def plain(self) -> str:
        return "".join((" " if atom.space else "") + atom.plain for atom in self.atoms).strip()


@dataclass(frozen=True, slots=True)
class _Context:
    marks: tuple[str, ...] = ()
    quote: bool = False
    depth: int = 0
    numbers: list[int] | None = None
    heading: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """What a piece of HTML says. `pictures` are the words of its images, for when it says nothing else."""

    lines: list[Line]
    pictures: list[str]
    cut: bool
    """The document was longer than is ever read."""


def read(html: str, base_url: str | None) -> Document:
    """Never raises for any text; reads at most MAX_CHARACTERS and MAX_TAGS."""
    html = html.encode("utf-8", "replace").decode("utf-8")
    if not _HAS_TAG.search(html[:MAX_CHARACTERS]) and _ESCAPED_TWICE.search(html[:MAX_CHARACTERS]):
        html = entities.unescape(html[:MAX_CHARACTERS])
    elif not _HAS_TAG.search(html[:MAX_CHARACTERS]):
        html = _plain(html[:MAX_CHARACTERS])
    bounded = _bounded(html)
    body = LexborHTMLParser(bounded).body
    reader = _Reader(base_url)
    if body is not None:
        reader.read(body)
    return Document(reader.lines, reader.pictures, cut=len(bounded) < len(html))


def _bounded(html: str) -> str:
    html = html[:MAX_CHARACTERS]
    tag = next(islice(re.finditer("<", html), MAX_TAGS, None), None)
    return html[: tag.start()] if tag else html


def _plain(text: str) -> str:
    """Text without tags: blank lines part paragraphs; a short line is meant unless the next goes on in lower case."""
    text = entities.escape(entities.unescape(text), quote=False).replace("\r\n", "\n").replace("\r", "\n")
    paragraphs = re.split(r"\n[ \t]*\n", text)
    return "".join(f"<p>{_SHORT_LINE.sub(_broken, part.strip())}</p>" for part in paragraphs)


def _broken(match: re.Match[str]) -> str:
    return match[1] + "<br>"


class _Reader:
    """Walks the tree with a stack of its own, so that no depth can exhaust Python's."""

    def __init__(self, base_url: str | None) -> None:
        self.lines: list[Line] = []
        self.pictures: list[str] = []
        self._base_url = base_url
        self._line: Line | None = None
        self._gap = 0
        self._space = False
        self._marker = ""

    def read(self, body: LexborNode) -> None:
        stack: list[tuple[LexborNode, _Context, bool]] = [(body, _Context(), False)]
        while stack:
            node, context, leaving = stack.pop()
            if leaving:
                self._leave(node.tag or "", context)
                continue
            inner = self._enter(node, context)
            if inner is None:
                continue
            stack.append((node, context, True))
            children = []
            child = node.first_child
            while child is not None:
                children.append(child)
                child = child.next
            stack.extend((child, inner, False) for child in reversed(children))

    def _enter(self, node: LexborNode, context: _Context) -> _Context | None:  # noqa: C901 - one table of tags
        """Write what the node itself says. Returns the context for its children, None to leave them out."""
        tag = node.tag or ""
        if tag == "-text":
            self._text(node.text_content or "", context)
            return None
        if tag in _DROPPED or self._is_furniture(node):
            return None
        if tag == "br":
            self._gap = min(2, self._gap + 1) if self._line is None and self.lines else max(self._gap, 1)
            self._line = None
            return None
        if tag == "img":
            self._picture(node, context)
            return None
        if tag == "a" and self._link(node, context):
            return None
        if tag in {"code", "kbd", "samp", "tt"} and self._code(node, context):
            return None
        if tag in _PARAGRAPHS:
            self._break(1 if context.depth or (tag in {"ul", "ol"} and self._is_after_text()) else 2)
        elif tag in _ROWS or tag == "li":
            self._break(1)
        elif tag in {"td", "th"} and self._line is not None and self._line.atoms:
            self._add(Atom("·", "·", space=True), context)
            self._space = True
        if tag == "pre":
            self._code_block(node, context)
            return None
        return self._inner(tag, node, context)

    def _inner(self, tag: str, node: LexborNode, context: _Context) -> _Context:
        if tag in _HEADINGS:
            return replace(context, marks=(BOLD,), heading=True)
        if tag in _MARKS and _MARKS[tag] not in context.marks:
            return replace(
                context, marks=tuple(sorted({*context.marks, _MARKS[tag]}, key=(BOLD, ITALIC, STRIKE).index))
            )
        if tag == "blockquote":
            return replace(context, quote=True)
        if tag in {"ul", "ol"}:
            start = node.attributes.get("start") or "1"
            first = int(start) if start.isascii() and start.isdigit() and len(start) < 6 else 1
            return replace(context, depth=min(context.depth + 1, 4), numbers=[first] if tag == "ol" else None)
        if tag == "li":
            self._marker = "- " if context.numbers is None else f"{context.numbers[0]}. "
            if context.numbers is not None:
                context.numbers[0] += 1
        return context

    def _leave(self, tag: str, context: _Context) -> None:
        if tag in _PARAGRAPHS:
            self._break(1 if context.depth else 2)
        elif tag in _ROWS or tag == "li":
            self._break(1)
        if tag == "li":
            self._marker = ""

    @staticmethod
    def _is_furniture(node: LexborNode) -> bool:
        attributes = node.attributes
        if not attributes:
            return False
        named = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
        return (
            "hidden" in attributes
            or bool(_FURNITURE.search(named[:500]))
            or bool(_HIDDEN.search((attributes.get("style") or "")[:500]))
        )

    def _is_after_text(self) -> bool:
        return bool(self.lines) and not self.lines[-1].heading

    def _break(self, gap: int) -> None:
        self._line = None
        self._gap = max(self._gap, gap)

    def _add(self, atom: Atom, context: _Context) -> None:
        if self._line is None:
            quote = "> " if context.quote else ""
            indent = "  " * (context.depth - 1) if context.depth else ""
            marker = self._marker or ("  " if context.depth else "")
            self._line = Line(self._gap if self.lines else 0, quote + indent + marker, context.heading)
            self._marker, self._gap, self._space = "", 0, False
            self.lines.append(self._line)
            atom = replace(atom, space=False)
        self._line.atoms.append(atom)
        self._space = False

    def _text(self, text: str, context: _Context) -> None:
        text = escape.clean(text)
        if text[:1].isspace():
            self._space = True
        for word in text.split():
            for piece in escape.pieces(word):
                self._add(Atom(escape.escape(piece), piece, self._space, context.marks), context)
            self._space = True
        if text and not text[-1:].isspace():
            self._space = False

    def _picture(self, node: LexborNode, context: _Context) -> None:
        words = " ".join(escape.clean(node.attributes.get("alt") or "").split())
        named = node.attributes.get("class") or ""
        if words and len(words) <= 8 and re.search("emoji|smiley", named):
            self._text(words, context)
        words = " ".join(escape.clean(node.attributes.get("title") or "").split()) or words
        if " " in words:
            self.pictures.append(words)

    def _link(self, node: LexborNode, context: _Context) -> bool:
        """Whether the link is done with; otherwise its children are read as plain text."""
        raw = (node.attributes.get("href") or "").strip()
        text = " ".join(escape.clean(node.text() or "").split())
        if _SHARE_LINK.search(raw[:1000]) or (text in _ANCHOR_TEXTS and node.css_first("img") is None):
            return True
        if raw.startswith("#"):
            return text.strip("[]()").isdigit()  # a footnote's number says nothing without the footnote
        href = absolute(self._base_url, raw)
        if href is None or not text or len(text) > _LINK_TEXT:
            return False
        if (node.text() or "")[:1].isspace():
            self._space = True
        if _LOOKS_LIKE_ADDRESS.search(text):
            # Discord shows a masked link as it is typed if its text is an address; show where it really goes.
            shown = escape.escape(escape.url(href))
        else:
            shown = f"[{' '.join(escape.escape(word) for word in text.split())}]({escape.url(href)})"
        self._add(Atom(shown, text, self._space, context.marks, href), context)
        self._space = (node.text() or "")[-1:].isspace()
        return True

    def _code(self, node: LexborNode, context: _Context) -> bool:
        text = " ".join(escape.clean(node.text() or "").split())
        if len(text) > _LINK_TEXT or "``" in text:
            return False
        if text:
            shown = f"`` {text} ``" if "`" in text else f"`{text}`"
            self._add(Atom(shown, text, self._space, context.marks), context)
        return True

    def _code_block(self, node: LexborNode, context: _Context) -> None:
        text = escape.clean(node.text() or "").strip("\r\n").rstrip().replace("```", "`\u200b`\u200b`")
        if not text.strip():
            return
        inner = node.css_first("code")
        named = " ".join((one.attributes.get("class") or "")[:200] for one in (node, inner) if one is not None)
        language = _LANGUAGE.search(named)
        shown = f"```{language[1].lower() if language else ''}\n{text}\n```"
        self._add(Atom(shown, text, space=False, block=True), context)
        self._break(2)


def absolute(base_url: str | None, href: str | None) -> str | None:
    """An absolute http(s) address, or None."""
    try:
        joined = urljoin(base_url or "", (href or "").strip())
        parts = urlsplit(joined)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return None
    return joined if usable else None
