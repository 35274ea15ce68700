"""Addresses: what a person typed, what to compare by, what may be shown."""

import contextlib
import ipaddress
import re
import socket
from functools import lru_cache
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit, urlunsplit

from yarl import URL

from bot.addresses import has_secret
from bot.errors import UserError
from bot.i18n.translation import _

TRACKING = re.compile(
    r"^(utm_\w+|fbclid|[gd]clid|[gw]braid|msclkid|yclid|twclid|ttclid|li_fat_id|igshid|mc_[ce]id|mkt_tok|_ga|_gl|_hsenc"
    r"|_hsmi|oly_(enc|anon)_id|vero_(id|conv)|at_\w+|wt_?mc\w*|ns_\w+|xtor|cmpid|ito|ocid|ncid|smid|spm)$",
    re.IGNORECASE,
)
"""Query parameters that say where a reader came from, not what is read."""
_FROM_FEED = re.compile(r"^(ref|source|src|from|partner|via)=(rss|atom|feed)", re.IGNORECASE)
"""Parameters that may say what is read, but not with such a value."""
_SAME_SITE = {"bbc.com": "bbc.co.uk"}
"""Sites that serve the same pages under two names, one or the other by where the reader is."""
_COUNTED = re.compile(r"\d{1,3}")
_PLAIN = re.compile(
    r"https?://[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*"
    r"(?:/[\w/%:@!$&'()*+,=~.-]*(?:\?[\w/?%:@!$&'()*+,=~.-]+)?(?:#[\w/?%:@!$&'()*+,=~.-]+)?)?",
    re.ASCII,
)
"""Addresses that resolving leaves as they are. Nearly all are, and it takes twenty times as long."""
_WRITTEN = re.compile(r"https?://[^/?#]+(?:/(?!\.)[\w.~!$&'()*+,;=:@%-]*)*(?:\?[\w.~!$&'()*+,;=:@/?%-]*)?", re.ASCII)
"""Addresses whose path and query need no more escapes, and that have no `..` to resolve."""
DEFAULT_PORTS = {"http": 80, "https": 443}


def canonical(url: str) -> str:
    """The form in which two addresses of one thing are equal. For comparing only: it has no scheme.

    Dropped: scheme, credentials, a leading `www.`, the default port, tracking parameters, a slash at the end.
    The query is sorted; a fragment stays, since some sites tell articles apart by it. The BBC's guids are addresses
    with the article's revisions counted in the fragment (`…/articles/c1#0`, `#1`); there such a number goes too.

    Entries are stored under digests of this: who changes it for addresses that feeds have makes known entries look new
    where nothing else tells (`feeds.identity.identify`).
    """
    return _canonical(url)


@lru_cache(maxsize=1_000)
def _canonical(url: str) -> str:
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").removeprefix("www.")
        port = parts.port
    except ValueError:
        return url.strip()
    if not host:
        return url.strip()
    host = _SAME_SITE.get(host, host)
    fragment = "" if parts.fragment.startswith(("utm_", "xtor=")) else parts.fragment
    if host == "bbc.co.uk" and _COUNTED.fullmatch(fragment):
        fragment = ""
    if port is not None and port != DEFAULT_PORTS.get(parts.scheme):
        host = f"{host}:{port}"
    query = _telling(parts.query) if parts.query else ""
    return f"{host}{parts.path.rstrip('/')}{query and '?'}{query}{fragment and '#'}{fragment}"


def _telling(query: str) -> str:
    """The parameters that say what is read, sorted."""
    kept = sorted(
        (key, value)
        for key, value in parse_qsl(query, keep_blank_values=True)
        if not TRACKING.match(key) and not _FROM_FEED.match(f"{key}={value}")
    )
    return urlencode(kept)


def absolute(base: str | None, href: str | None) -> str | None:
    """An http(s) address, resolved against `base`; None where it is of another kind or no address at all."""
    if not href:
        return None
    if _PLAIN.fullmatch(href) and (not base or _PLAIN.match(base)):
        return href
    return _resolved(base, href)


def _resolved(base: str | None, href: str) -> str | None:
    try:
        joined = urljoin(base or "", "".join(href.split()) if "\n" in href else href.strip())
        parts = urlsplit(joined)
        if parts.scheme.lower() not in DEFAULT_PORTS or not parts.hostname:
            return None
        parts.port  # noqa: B018 - raises where it is no number
    except ValueError:
        return None
    # Blanks and other raw characters would make Discord refuse the whole message.
    return urlunsplit(
        (
            parts.scheme.lower(),
            parts.netloc,
            quote(parts.path, safe="/%:@!$&'()*+,;=~-._"),
            quote(parts.query, safe="/?%:@!$&'()*+,;=~-._[]"),
            quote(parts.fragment, safe="/?%:@!$&'()*+,;=~-._"),
        )
    )


def normalise_source(text: str) -> str:
    """What a person typed or pasted, as an address.

    Raises:
        UserError: it is no address; says what one looks like.
    """
    typed = text.strip().strip("<>").strip()
    if typed.lower().startswith("feed:"):
        typed = typed[5:].removeprefix("//")
    if "://" not in typed:
        typed = f"https://{typed}"
    found = None if re.search(r"\s", typed) else absolute(None, typed)
    host = urlsplit(found).hostname if found else None
    if found is None or host is None or ("." not in host and ":" not in host and host != "localhost"):
        raise UserError(
            _(
                "That is not a web address. Paste the address of a site or of its feed, for example https://blog.example.com"
            )
        )
    return urlunsplit(urlsplit(found)._replace(fragment=""))


def without_credentials(url: str) -> str:
    """The address as it may be shown: no user and password."""
    if "@" not in url:
        return url
    try:
        parts = urlsplit(url)
    except ValueError:  # no address, but it may still have a password in it
        scheme, mark, rest = url.partition("://")
        return f"{scheme}{mark}{rest.rpartition('@')[2]}" if mark else url.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def base_of(url: str) -> str:
    """What relative addresses in the document of this address are relative to: without user, password and other secrets.

    What is secret in the path stays: whoever makes addresses of it takes them out again (`feeds.parsing.secret_removal`).
    """
    url = without_credentials(url)
    if ("?" in url or "#" in url) and has_secret(url):
        return url.partition("#")[0].partition("?")[0]
    return url


def split_credentials(url: str) -> tuple[str, tuple[str, str] | None]:
    """The address without, and the user and password in it or None."""
    if "@" not in url:
        return url, None
    parts = urlsplit(url)
    if "@" not in parts.netloc:
        return url, None
    return without_credentials(url), (unquote(parts.username or ""), unquote(parts.password or ""))


@lru_cache(maxsize=20_000)
def host_name(url: str) -> str:
    """The unit of politeness: the host's name, whatever the port. Ways to write one name or number are one."""
    name = (as_written(url).raw_host or "").lower().rstrip(".")
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(name).compressed
    if name[:1].isdigit():
        with contextlib.suppress(OSError):
            return socket.inet_ntoa(socket.inet_aton(name))
    return name


def host_key(url: str) -> str:
    """Host name and port: what credentials are given for."""
    return _host_key(url)


@lru_cache(maxsize=20_000)
def _host_key(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname or ''}:{parts.port or DEFAULT_PORTS.get(parts.scheme, 0)}"


def as_written(address: str) -> URL:
    """With its escapes as they are.

    yarl would write `%27` as `'` and `%c3` as `%C3`, and some hosts redirect that to the address that they have, in a
    circle, or find that its signature does not fit.
    """
    found = URL(address)
    if "%" not in address or not _WRITTEN.fullmatch(address):
        return found
    parts = urlsplit(address)
    return URL.build(
        scheme=found.scheme,
        authority=found.raw_authority,
        path=parts.path or "/",
        query_string=parts.query,
        encoded=True,
    )
