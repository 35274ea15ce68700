"""Registrable domains: which host names belong to one owner, by the public suffix list with its private part.

Two people's names at one hosting platform (`a.github.io`, `b.github.io`) are strangers to each other.
"""

import re
from functools import cache, lru_cache
from urllib.parse import SplitResult, parse_qsl, urlsplit

from publicsuffixlist import PublicSuffixList

_USUAL_PORTS = {"http": 80, "https": 443}
_OPAQUE = re.compile(r"(?=[\w-]*[A-Za-z])(?=(?:[\w-]*\d){2})[\w-]{16,}")
"""A part of a path that nobody chose for people to read: it may be what lets its owner in."""


@lru_cache(maxsize=20_000)
def registrable_domain(host: str) -> str | None:
    """The part of a host name that somebody registered: `blog.example.co.uk` to `example.co.uk`.

    None for a name that is a public suffix itself, for a single label, and for an address written as numbers.
    """
    name = host.rstrip(".").lower()
    if ":" in name or name.rpartition(".")[2].isdigit():
        return None
    return _list().privatesuffix(name)


@lru_cache(maxsize=2_000)
def listed_domain(host: str) -> str | None:
    """The same where the list has the name's ending; `node.js` is no host's name."""
    return _list().privatesuffix(host.rstrip(".").lower(), accept_unknown=False)


def have_one_owner(one: str, other: str) -> bool:
    """Whether two web addresses have the same registrable domain; without one, the same host and port."""
    first, second = urlsplit(one), urlsplit(other)
    ours = registrable_domain(first.hostname or "")
    if ours is not None:
        return ours == registrable_domain(second.hostname or "")
    return first.hostname is not None and _place(first) == _place(second)


def is_as_private(old: str, new: str) -> bool:
    """Whether `new` asks for whatever may let somebody in at `old`: user, query, and opaque parts of the path."""
    before, after = urlsplit(old), urlsplit(new)
    if before.netloc.rpartition("@")[0] != after.netloc.rpartition("@")[0]:
        return False
    if not set(parse_qsl(before.query, keep_blank_values=True)) <= set(parse_qsl(after.query, keep_blank_values=True)):
        return False
    opaque = {part for part in before.path.split("/") if _OPAQUE.fullmatch(part)}
    return opaque <= set(after.path.split("/"))


def load() -> None:
    """Read the list, which takes a tenth of a second the first time: not in the event loop."""
    _list()


def _place(parts: SplitResult) -> tuple[str | None, int | None]:
    """Host and port; http and https on their usual ports are one."""
    try:
        port = parts.port
    except ValueError:
        return None, None  # which is nobody's
    return parts.hostname, None if port is None or port == _USUAL_PORTS.get(parts.scheme) else port


@cache
def _list() -> PublicSuffixList:
    return PublicSuffixList()
