"""Text without tags as HTML: one rule for feeds that give plain text and for excerpts."""

import html
import re

_BLANK_LINES = re.compile(r"\n[ \t]*\n")
_SHORT_LINE = re.compile(r"(?m)^(.{0,59})\n(?![a-z])")


def as_html(text: str) -> str:
    """Blank lines part paragraphs; a short line, as of a list, is meant unless the next goes on in lower case."""
    escaped = html.escape(text, quote=False).replace("\r\n", "\n").replace("\r", "\n")
    parts = (part.strip() for part in _BLANK_LINES.split(escaped))
    return "".join(f"<p>{_SHORT_LINE.sub(_broken, part)}</p>" for part in parts if part)


def _broken(match: re.Match[str]) -> str:
    return match[1] + "<br>"
