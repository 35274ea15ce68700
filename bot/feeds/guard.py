"""Which addresses may be connected to, checked on what a name resolved to, at the moment of connecting."""

import ipaddress
import socket

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from bot.feeds.lookups import Lookups

NAT64 = ipaddress.ip_network("64:ff9b::/96")
SIXTOFOUR = ipaddress.ip_network("2002::/16")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class BlockedAddressError(OSError):
    """The name leads to an address that is not public."""


def is_public(address: str) -> bool:
    """Whether it is a global unicast address, also when it is wrapped in an IPv6 form that only looks global."""
    try:
        found = unwrapped(ipaddress.ip_address(address.partition("%")[0]))
    except ValueError:
        return False
    # Site-local addresses (fec0::/10, RFC 3879) are private, but Python calls them global.
    site_local = isinstance(found, ipaddress.IPv6Address) and found.is_site_local
    return found.is_global and not (found.is_multicast or found.is_reserved or site_local)


def unwrapped(address: Address) -> Address:
    """The IPv4 address inside an IPv4-mapped, NAT64 or 6to4 address; else the address itself.

    Python's ipaddress calls some of these forms global whatever they hold. Teredo it never does, and nor do we.
    """
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if address in SIXTOFOUR and address.sixtofour is not None:
        return address.sixtofour
    return address


class GuardedResolver(AbstractResolver):
    """Refuses what is not public. aiohttp connects to exactly what this returns: there is no second look-up in between.

    Args:
        trusted: a name that may lead anywhere, since the operator chose it: the proxy's.
    """

    def __init__(self, lookups: Lookups, *, allow_private: bool, trusted: str | None = None) -> None:
        self._lookups = lookups
        self._allow_private = allow_private
        self._trusted = trusted

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._lookups.find(host, family)
        results = [
            ResolveResult(hostname=host, host=str(item[4][0]), port=port, family=item[0], proto=item[2], flags=0)
            for item in found
        ]
        if self._allow_private or host == self._trusted:
            return results
        allowed = [item for item in results if is_public(item["host"])]
        if not allowed:
            raise BlockedAddressError(f"{host} leads into a private network")
        return allowed

    async def close(self) -> None:
        await self._lookups.close()


def is_number(host: str) -> bool:
    """Whether it is an address written as numbers, in any of the ways that resolvers understand."""
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        if not host[:1].isdigit():
            return False
        try:
            socket.inet_aton(host)
        except (OSError, UnicodeError):
            return False
    return True


def refuse_literal(host: str | None, *, allow_private: bool) -> None:
    """Aiohttp asks no resolver about an address written as numbers, and a proxy asks its own: so check it before.

    Covers the old ways to write an IPv4 address (127.1, 0x7f.1, 2130706433), which resolvers and proxies understand.

    Raises:
        BlockedAddressError: it is written as numbers and not public, or is the name of every machine for itself.
    """
    if allow_private or host is None:
        return
    name = host.lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        raise BlockedAddressError(f"{host} is this machine itself")
    try:
        address = str(ipaddress.ip_address(name.partition("%")[0]))
    except ValueError:
        if not name[:1].isdigit():
            return
        try:
            address = socket.inet_ntoa(socket.inet_aton(name))
        except (OSError, UnicodeError):
            return
    if not is_public(address):
        raise BlockedAddressError(f"{host} is in a private network")


def connector(lookups: Lookups, *, allow_private: bool, proxy_host: str | None = None) -> aiohttp.TCPConnector:
    """The one connector for feed hosts: guarded, kept alive. All connections share the TLS context that aiohttp made."""
    resolver = GuardedResolver(lookups, allow_private=allow_private, trusted=proxy_host)
    # Names are remembered by the look-ups; a second memory here would only outlive the first.
    return aiohttp.TCPConnector(resolver=resolver, limit=0, use_dns_cache=False, keepalive_timeout=30)
