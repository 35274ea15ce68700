"""Pieces of a line that plain text has other ways to say: raised and lowered signs, formulas, the words of a link."""

import re

from selectolax.lexbor import LexborNode

from bot.excerpts import code, escape, html_elements

_RAISED = str.maketrans("0123456789+-−=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ")  # noqa: RUF001 - the minus sign is meant
_LOWERED = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")  # noqa: RUF001 - as above
_CAN_BE_RAISED = re.compile(r"[0-9+\-−=()ni]{1,8}")  # noqa: RUF001 - as above
_CAN_BE_LOWERED = re.compile(r"[0-9+\-−=()]{1,8}")  # noqa: RUF001 - as above
_POWER = re.compile(r"[-−]?[A-Za-z0-9][A-Za-z0-9/+\-−]{0,3}")  # noqa: RUF001 - as above
_PAIRED = re.compile(r"[^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*")
_NO_POWER = re.compile(r"(?:st|nd|rd|th|e|er|re|ère|ème|me|o|a|os|as|tm|sm|r|c|\d?[a-z]{3,})$", re.IGNORECASE)


def raised(text: str) -> str | None:
    """A superscript: "²", "^x"; None where it reads well as it is ("1st")."""
    if _CAN_BE_RAISED.fullmatch(text):
        return text.translate(_RAISED)
    return f"^{text}" if _POWER.fullmatch(text) and not _NO_POWER.match(text) else None


def lowered(text: str) -> str | None:
    """A subscript: "₂"; None where it reads well as it is."""
    return text.translate(_LOWERED) if _CAN_BE_LOWERED.fullmatch(text) else None


def formula(node: LexborNode) -> str:
    """What a <math> element says: as TeX if it comes with that, else its signs in a row."""
    source = node.css_first("annotation")
    said = node.attributes.get("alttext") or (source.text() if source is not None else "") or node.text() or ""
    return " ".join(escape.clean(said[:200]).split())


def words_of(node: LexborNode) -> tuple[str, str, bool]:
    """A link's words as they read and as Markdown, and whether it holds blocks, which no link of Discord can."""
    parts: list[tuple[str, bool]] = []
    has_blocks = False
    stack = list(reversed(list(node.iter(include_text=True))))
    while stack:
        one = stack.pop()
        tag = one.tag or ""
        if tag == "-text":
            parts.append((escape.clean(one.text_content or ""), False))
        elif tag in html_elements.DROPPED or html_elements.is_furniture(one.attributes):
            continue
        elif tag in html_elements.CODE and (inner := code.inline(one.text() or "")) and not re.search(r"[\[\]]", inner):
            parts.append((inner, True))
        else:
            has_blocks = has_blocks or tag in html_elements.PARAGRAPHS or tag in html_elements.ROWS
            if tag == "br" or tag in html_elements.BLOCKS or tag == "img":
                parts.append((" ", False))
            stack.extend(reversed(list(one.iter(include_text=True))))
    plain = "".join(text.strip("` ") if is_code else text for text, is_code in parts)
    # Of square brackets Discord counts even the escaped ones.
    brackets = str.maketrans("", "") if _PAIRED.fullmatch(plain) else str.maketrans("[]", "()")
    shown = "".join(text if is_code else _escaped(text.translate(brackets)) for text, is_code in parts)
    return plain, " ".join(shown.split()), has_blocks


def _escaped(text: str) -> str:
    return re.sub(r"\S+", lambda word: escape.escape(word[0]), text)
