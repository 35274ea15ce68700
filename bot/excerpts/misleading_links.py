"""Words that a reader takes for the name of a site, and whether a link leads there. Pure, from the public suffix list."""

import ipaddress
import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from bot.addresses.registrable_domain import listed_domain
from bot.excerpts.lookalikes import as_latin, dotted

_DOTTED = re.compile(r"[\w-]+(?:\.[\w-]+)+")
_LONGEST = 2_000
_FILES = frozenset({"cc", "md", "mov", "pl", "ps", "py", "rs", "sh", "so", "zip"})
"""Endings of files that are also countries' or other domains."""


def names_another(text: str, href: str) -> bool:
    """Whether the text names a site, or a number as its address, that the link does not lead to."""
    return any(True for _ in foreign(text, href))


def foreign(text: str, href: str) -> Iterator[str]:
    """The words of the text that name a site which is not the link's, as a reader sees them."""
    if "." not in (plain := dotted(text[:_LONGEST])):
        return
    own = _host(href)
    for found in _DOTTED.finditer(plain):
        word = found[0].strip("-_").lower()
        if _belongs(word, own) or _is_file_of(word, href):
            continue
        if _is_site(word) or (_is_site(alike := as_latin(word).lower()) and not _belongs(alike, own)):
            yield word


def is_of(text: str, href: str) -> bool:
    """Whether the text begins with the name of the link's site, as addresses without `https://` do."""
    found = _DOTTED.match(dotted(text[:_LONGEST]))
    return found is not None and _belongs(found[0].lower(), _host(href))


def _host(href: str) -> str:
    try:
        return (urlsplit(href).hostname or "").rstrip(".")
    except ValueError:
        return ""


def _is_site(word: str) -> bool:
    if word.replace(".", "").isdigit():
        return _is_number(word)
    return listed_domain(_as_ascii(word)) is not None


def _belongs(word: str, own: str) -> bool:
    """Whether both are one site: the same host, or hosts below one registered name."""
    if word.removeprefix("www.") == own.removeprefix("www.") or _as_ascii(word) == _as_ascii(own):
        return True
    registered = listed_domain(_as_ascii(word))
    return registered is not None and registered == listed_domain(_as_ascii(own))


def _is_file_of(word: str, href: str) -> bool:
    """Whether it is the name of the file that the link leads to, and ends as files do."""
    return word.rpartition(".")[2] in _FILES and word in unquote(urlsplit(href).path).lower()


def _is_number(word: str) -> bool:
    try:
        return ipaddress.ip_address(word).version == 4
    except ValueError:
        return False


def _as_ascii(host: str) -> str:
    try:
        return host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return host.lower()
