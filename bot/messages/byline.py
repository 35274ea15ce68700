"""Who wrote an article, where that says more than the name of its source. Pure."""

import re
from collections.abc import Sequence

from bot.excerpts import discord_limits, escape
from bot.i18n.translation import many
from bot.words.folding import contains, words

MAX_NAMES = 3
NAME_LENGTH = 60
_BETWEEN = re.compile(r"\s*[,;]\s*")
_NOBODY = frozenset(
    {"admin", "administrator", "anonymous", "author", "editor", "guest", "none", "null", "root", "unknown", "webmaster"}
)
"""What programs write where nobody is named."""


def authors(author: str | None, source: str | None) -> str:
    """The names as the card shows them: the first few of many; empty where they are the source's, or nobody's.

    A blog of one person is called by that person's name, alone or with some words more.
    """
    names = [_shown(name) for name in _BETWEEN.split(author or "")]
    listed = [name for name in dict.fromkeys(names) if name and words(name) and words(name) not in _NOBODY]
    if not listed or _are_source(listed, words(source or "")):
        return ""
    shown, more = ", ".join(listed[:MAX_NAMES]), len(listed) - MAX_NAMES
    return many("{names} and {n} more", "{names} and {n} more", more).format(names=shown) if more > 0 else shown


def _are_source(names: Sequence[str], source: str) -> bool:
    if not source:
        return False
    whole = words(" ".join(names))
    return contains(source, whole) or contains(whole, source) or all(contains(source, words(name)) for name in names)


def _shown(name: str) -> str:
    cleaned = " ".join(escape.clean(name.encode("utf-8", "replace").decode()).split())
    return discord_limits.clip(cleaned, NAME_LENGTH)
