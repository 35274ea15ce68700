"""Where a redirect leads, and what goes along: credentials only to the host that they are for. Pure."""

import string
from urllib.parse import quote, urlsplit, urlunsplit

from bot.url_normalisation import DEFAULT_PORTS, absolute, without_credentials


def target(url: str, location: str) -> str | None:
    """The address that a Location header names, or None where it is no web address.

    Credentials of `url` stay on it if it is the same host and port, or its https on the usual ports. What the header
    itself brings as credentials is dropped, and so is the fragment.
    """
    found = absolute(without_credentials(url), _readable(location))
    if found is None:
        return None
    parts = urlsplit(without_credentials(found))._replace(fragment="")
    user, at, _ = urlsplit(url).netloc.rpartition("@")
    if at and _same_host(url, found):
        parts = parts._replace(netloc=f"{user}@{parts.netloc}")
    return urlunsplit(parts)


def _readable(location: str) -> str:
    """Bytes that are no UTF-8 come out of the header as half characters; they are meant as they are."""
    raw = location.encode("utf-8", "surrogateescape")
    try:
        raw.decode()
    except UnicodeDecodeError:
        return quote(raw, safe=string.punctuation)
    return location


def _same_host(one: str, other: str) -> bool:
    first, second = urlsplit(one), urlsplit(other)
    if first.hostname != second.hostname:
        return False
    ways = [(parts.scheme, parts.port or DEFAULT_PORTS[parts.scheme]) for parts in (first, second)]
    return ways[0] == ways[1] or ways == [("http", 80), ("https", 443)]
