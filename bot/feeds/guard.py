"""Which addresses may be connected to, checked on what a name resolved to, at the moment of connecting."""

import asyncio
import ipaddress
import socket
from concurrent.futures import ThreadPoolExecutor

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

NAT64 = ipaddress.ip_network("64:ff9b::/96")
SIXTOFOUR = ipaddress.ip_network("2002::/16")
TEREDO = ipaddress.ip_network("2001::/32")

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
    """The IPv4 address inside an IPv4-mapped, NAT64, 6to4 or Teredo address; else the address itself.

    Python's ipaddress calls some of these forms global whatever they hold.
    """
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if address in SIXTOFOUR and address.sixtofour is not None:
        return address.sixtofour
    if address in TEREDO and address.teredo is not None:
        return address.teredo[1]
    return address


class GuardedResolver(AbstractResolver):
    """Looks names up away from asyncio's default executor, and refuses what is not public.

    aiohttp connects to exactly what this returns, so there is no second look-up in between.
    """

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private
        # A few dead names block a thread for seconds each; the default executor has 6 of them for everything.
        self._threads = ThreadPoolExecutor(max_workers=16, thread_name_prefix="resolve")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await asyncio.get_running_loop().run_in_executor(
            self._threads, lambda: socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)
        )
        results = [
            ResolveResult(hostname=host, host=str(item[4][0]), port=port, family=item[0], proto=item[2], flags=0)
            for item in found
        ]
        allowed = [item for item in results if self._allow_private or is_public(item["host"])]
        if not allowed:
            raise BlockedAddressError(f"{host} leads into a private network")
        return allowed

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def refuse_literal(host: str | None, *, allow_private: bool) -> None:
    """Aiohttp asks no resolver about an address written as numbers, so those are checked before.

    Raises:
        BlockedAddressError: it is written as numbers, and not public.
    """
    if allow_private or host is None:
        return
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return
    if not is_public(host):
        raise BlockedAddressError(f"{host} is in a private network")


def connector(*, allow_private: bool) -> aiohttp.TCPConnector:
    """The one connector for feed hosts: guarded, kept alive, no cache of names that outlives a rebinding."""
    return aiohttp.TCPConnector(
        resolver=GuardedResolver(allow_private=allow_private), limit=0, use_dns_cache=False, keepalive_timeout=30
    )
