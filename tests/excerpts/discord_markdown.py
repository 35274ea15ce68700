"""What a Discord client makes of Markdown: enough of its rules to see what a text turns into on a reader's screen.

After simple-markdown, which Discord's clients use with rules of their own. Where the clients differ, the reading that
finds more markup is taken, since this is here to find markup that nobody meant.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Node:
    """A piece of the screen. `kind` is "text" for what is shown as it is; `detail` is an address, a language, a number."""

    kind: str
    text: str = ""
    detail: str = ""
    children: list["Node"] = field(default_factory=list)


_ESCAPE = re.compile(r"\\([^0-9A-Za-z\s])")
_MENTION = re.compile(r"<@[!&]?\d+>|<#\d+>|@everyone|@here|<id:\w+>|</[^:>\n]+:\d+>")
_EMOJI = re.compile(r"<a?:\w+:\d+>|:(?=[\w+-]*[a-zA-Z]|100:|1234:)[\w+-]+:", re.ASCII)
_TIME = re.compile(r"<t:-?\d+(?::[tTdDfFsSR])?>")
_AUTOLINK = re.compile(r"<([^: >]+:/[^ >]+)>")
_URL = re.compile(r"(?:https?|steam)://[^\s<]+[^<.,:;\"'\]\s]")
_LINK = re.compile(
    r"\[((?:\[[^\]]*\]|[^\[\]]|\](?=[^\[]*\]))*)\]\(\s*<?((?:\([^)]*\)|[^\s\\]|\\.)*?)>?(?:\s+['\"]([\s\S]*?)['\"])?\s*\)"
)
_EM = re.compile(
    r"_((?:__|\\[\s\S]|[^\\_])+?)_\b|\*(?=\S)((?:\*\*|\\[\s\S]|\s+(?:\\[\s\S]|[^\s*\\]|\*\*)|[^\s*\\])+?)\*(?!\*)"
)
_STRONG = re.compile(r"\*\*((?:\\[\s\S]|[^\\])+?)\*\*(?!\*)")
_UNDERLINE = re.compile(r"__((?:\\[\s\S]|[^\\])+?)__(?!_)")
_STRIKE = re.compile(r"~~((?:\\[\s\S]|[^\\])+?)~~(?!_)")
_SPOILER = re.compile(r"\|\|([\s\S]+?)\|\|")
_CODE = re.compile(r"(`+)([\s\S]*?[^`])\1(?!`)")
_FENCE = re.compile(r"```(?:([A-Za-z0-9_+\-.#]+?)\n)?\n*([^\n][\s\S]*?)\n*```")
_TEXT = re.compile(r"[0-9A-Za-z\u00c0-\uffff]+|[\s\S]")

_HEADING = re.compile(r" *(#{1,3})\s+(.+)$")
_SUBTEXT = re.compile(r" *-#\s+(.+)$")
_QUOTE = re.compile(r" *>(?:>>)? ")
_ITEM = re.compile(r"( *)([*-]|\d{1,10}\.) +(?=\S)")


def parse(text: str) -> list[Node]:
    """The document as a list of blocks and pieces of text."""
    nodes: list[Node] = []
    lines = text.split("\n")
    plain: list[str] = []

    def flush() -> None:
        if plain:
            nodes.extend(inline("\n".join(plain)))
            plain.clear()

    while lines:
        line = lines[0]
        if line.lstrip().startswith("```") and (found := _FENCE.match("\n".join(lines).lstrip(" "))):
            flush()
            nodes.append(Node("fence", found[2], found[1] or ""))
            lines = "\n".join(lines).lstrip(" ")[found.end() :].split("\n")
            if not lines[0]:
                del lines[0]
            continue
        taken, node = _block(lines)
        if node is None:
            plain.append(line)
        else:
            flush()
            nodes.append(node)
        del lines[:taken]
    flush()
    return nodes


def _block(lines: list[str]) -> tuple[int, Node | None]:
    line = lines[0]
    if found := _HEADING.match(line):
        return 1, Node("heading", detail=str(len(found[1])), children=list(inline(found[2])))
    if found := _SUBTEXT.match(line):
        return 1, Node("subtext", children=list(inline(found[1])))
    if found := _QUOTE.match(line):
        if found[0].strip() == ">>>":
            return len(lines), Node("quote", children=parse("\n".join([line[found.end() :], *lines[1:]])))
        count = next((index for index, one in enumerate(lines) if not _QUOTE.match(one)), len(lines))
        return count, Node("quote", children=parse("\n".join(_QUOTE.sub("", one, count=1) for one in lines[:count])))
    if found := _ITEM.match(line):
        inner = line[found.end() :]
        number = found[2].removesuffix(".") if found[2][0] not in "*-" else ""
        return 1, Node("item", detail=f"{len(found[1])}:{number}", children=list(inline(inner)))
    return 1, None


def inline(text: str, depth: int = 0, *, escapes: bool = True) -> Iterator[Node]:
    """The pieces of a text without blocks.

    Args:
        escapes: False within a masked link, where Discord shows them and lets what follows act.
    """
    position = 0
    said = ""
    while position < len(text):
        found = _first(text, position, depth, escapes=escapes)
        if isinstance(found, str):
            said += found[1:] if escapes and found.startswith("\\") and len(found) > 1 else found
            position += len(found)
            continue
        if said:
            yield Node("text", said)
            said = ""
        node, length = found
        yield node
        position += length
    if said:
        yield Node("text", said)


def _first(text: str, position: int, depth: int, *, escapes: bool) -> str | tuple[Node, int]:
    """What begins at the position: plain text, or a piece of another kind and its length."""
    if escapes and (escaped := _ESCAPE.match(text, position)):
        return escaped[0]
    for kind, pattern, content in _ATOMS:
        if found := pattern.match(text, position):
            return Node(kind, content(found)), len(found[0])
    if found := _URL.match(text, position):
        address = found[0]
        while address.endswith(")") and address.count(")") > address.count("("):
            address = address[:-1]
        return Node("url", address, address), len(address)
    return _masked_link(text, position, depth) or _span(text, position, depth, escapes=escapes) or _word(text, position)


def _masked_link(text: str, position: int, depth: int) -> tuple[Node, int] | None:
    found = _LINK.match(text, position)
    if not found or depth > 8 or not re.match(r"https?://\S+$", found[2]):
        return None
    words = list(inline(found[1], depth + 1, escapes=False))
    if any(one.kind in {"url", "link"} for one in words):
        return None  # the client shows such a link as it was typed
    return Node("link", detail=re.sub(r"\\(.)", r"\1", found[2]), children=words), len(found[0])


def _span(text: str, position: int, depth: int, *, escapes: bool) -> tuple[Node, int] | None:
    spans = [(kind, found) for kind, pattern in _SPANS if (found := pattern.match(text, position))]
    if not spans or depth > 20:
        return None
    kind, found = max(spans, key=lambda pair: len(pair[1][0]))
    inner = next(group for group in found.groups() if group is not None)
    return Node(kind, children=list(inline(inner, depth + 1, escapes=escapes))), len(found[0])


def _word(text: str, position: int) -> str:
    """As far as no other rule could begin: an address may begin in the middle of a word."""
    plain = _TEXT.match(text, position)
    assert plain is not None
    address = re.search(r"https?://|steam://", text[position + 1 : plain.end() + 8])
    if address and address.start() + 1 < len(plain[0]):
        return plain[0][: address.start() + 1]
    return plain[0]


_ATOMS: list[tuple[str, re.Pattern[str], Callable[[re.Match[str]], str]]] = [
    ("fence", _FENCE, lambda found: found[2]),
    ("code", _CODE, lambda found: found[2].strip()),
    ("mention", _MENTION, lambda found: found[0]),
    ("time", _TIME, lambda found: found[0]),
    ("emoji", _EMOJI, lambda found: found[0]),
    ("autolink", _AUTOLINK, lambda found: found[1]),
]
_SPANS = [
    ("em", _EM),
    ("strong", _STRONG),
    ("underline", _UNDERLINE),
    ("strike", _STRIKE),
    ("spoiler", _SPOILER),
]


def plain(nodes: list[Node]) -> str:
    """What a reader reads."""
    return "".join(node.text if not node.children else plain(node.children) for node in nodes)


def kinds(nodes: list[Node]) -> set[str]:
    """The kinds of all nodes, however deep."""
    found = {node.kind for node in nodes}
    return found.union(*(kinds(node.children) for node in nodes))
