"""Which addresses Discord takes in an embed. Pure.

It refuses a whole message for one that it does not like: a host without a dot or with an underscore, a label that is
empty or begins with a hyphen, a port that is none. In the text of a message it takes any.
"""

import functools
import ipaddress
import re
from urllib.parse import urlsplit

from bot.excerpts import discord_limits, links

MAX_HOST = 253
_LABEL = re.compile(r"[^\W_](?:(?:[^\W_]|-){0,61}[^\W_])?")
_LOOSE_LABEL = re.compile(r"\w(?:[\w-]{0,61}\w)?")


@functools.lru_cache(maxsize=4_096)  # a source's own addresses stand in each of its articles
def accepted(url: str | None) -> str | None:
    """An http(s) address that Discord takes in an embed, else None: no Atom ids, nothing over 2048 characters."""
    address = _absolute(url)
    if address is None:
        return None
    host = _host(address)
    return address if host is not None and _is_taken(host) else None


def readable(url: str | None) -> str | None:
    """An address that may stand in the text of a message although no embed may have it, as of a page in an intranet."""
    address = _absolute(url)
    if address is None:
        return None
    host = _host(address)
    return address if host is not None and all(map(_LOOSE_LABEL.fullmatch, host.split("."))) else None


def _absolute(url: str | None) -> str | None:
    address = links.absolute(None, url)
    if address is None or any(character.isspace() for character in address):
        return None
    return address if discord_limits.units(address) <= discord_limits.URL else None


def _host(address: str) -> str | None:
    """The host, without a dot at its end; None where there is none, or a port that is none."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if not host or port == 0 or parts.netloc.endswith(":"):
        return None
    return host.removesuffix(".")


def _is_taken(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        pass
    else:
        return True
    labels = host.split(".")
    named = len(labels) > 1 and len(host) <= MAX_HOST and all(map(_LABEL.fullmatch, labels))
    return named and len(labels[-1]) > 1 and not labels[-1].isdigit()
