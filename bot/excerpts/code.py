"""Program text: inline and in blocks, as the page shows it and without what its highlighter added."""

import re

from selectolax.lexbor import LexborNode

from bot.excerpts import escape, html_elements

MAX_INLINE = 160
"""Characters; longer "code" is text in a typewriter's face."""

_LANGUAGE = re.compile(
    r"(?:language-|lang-|highlight-source-|highlight-text-|brush:\s*|\bsrc-|\bcode-)([a-z0-9+#-]{1,20})", re.IGNORECASE
)
_NAMED = re.compile(r"\b(?:sourceCode|highlight|prettyprint|hljs|codehilite|chroma|prism)\s+([a-z0-9+#]{1,20})\b")
_NO_LANGUAGE = frozenset(
    [
        "none",
        "text",
        "plain",
        "plaintext",
        "txt",
        "nohighlight",
        "no-highlight",
        "default",
        "auto",
        "null",
        "undefined",
        "linenums",
        "prettyprinted",
        "highlight",
        "block",
        "code",
        "source",
        "chroma",
        "wrap",
        "line",
        "numbers",
        "lines",
        "hljs",
        "rouge",
        "highlighter",
        "language",
        "notranslate",
        "basic",
        "html5",
        "output",
    ]
)
_ALIASES = {"source-shell": "shell", "c++": "cpp", "c#": "csharp", "sh-session": "console"}
_FURTHEST = 8
_ROWS = frozenset(("div", "p", "li", "tr", "br"))


def inline(text: str) -> str | None:
    """Between backticks; None where that cannot be done or reads worse than plain text."""
    text = " ".join(escape.clean(text).split())
    if not text or len(text) > MAX_INLINE or "``" in text:
        return None
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def block(node: LexborNode) -> tuple[str, str] | None:
    """The Markdown with fences and the text of a <pre>, None for an empty one."""
    text = escape.clean(_text(node)).strip("\n").rstrip()
    if not text.strip():
        return None
    safe = text.replace("```", "`\u200b`\u200b`")
    return f"```{_language(node)}\n{safe}\n```", text


def _text(node: LexborNode) -> str:
    """Highlighters put each line of code into an element of its own, and their numbers into a gutter."""
    parts: list[str] = []
    stack: list[tuple[LexborNode, bool]] = [(node, False)]
    while stack:
        one, leaving = stack.pop()
        tag = one.tag or ""
        if tag == "-text":
            parts.append((one.text_content or "").replace("\r\n", "\n"))
        elif leaving or tag == "br":
            if (parts and not parts[-1].endswith("\n")) or tag == "br":
                parts.append("\n")
        elif tag not in html_elements.DROPPED and (one is node or not html_elements.is_furniture(one.attributes)):
            if tag in _ROWS:
                stack.append((one, True))
            stack.extend((child, False) for child in reversed(list(one.iter(include_text=True))))
    return "".join(parts)


def _language(node: LexborNode) -> str:
    """As the element says, or what is in it, or what is around it: each highlighter has a place of its own."""
    inner = node.css_first("code")
    around = node
    places = [inner] if inner is not None else []
    while around.parent is not None and len(places) < _FURTHEST:
        places.append(around)
        around = around.parent
    for one in places:
        attributes = one.attributes
        said = attributes.get("data-lang") or attributes.get("data-language") or ""
        if one.tag in {"pre", "code"} and len(attributes.get("lang") or "") != 2:  # "en" is no language of programs
            said = said or attributes.get("lang") or ""
        for found in (said, _match(html_elements.named(attributes))):
            name = _ALIASES.get(found.lower(), found.lower())
            if name not in _NO_LANGUAGE and re.fullmatch(r"[a-z0-9+#-]{1,20}", name):
                return name
    return ""


def _match(named: str) -> str:
    for pattern in (_LANGUAGE, _NAMED):
        for found in pattern.finditer(named):
            if found[1].lower() not in _NO_LANGUAGE:
                return found[1]
    return ""
