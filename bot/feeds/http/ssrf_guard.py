"""SSRF guard: which hosts and ports may be connected to, checked on what a name resolved to, as it is connected to."""

import ipaddress
import socket
from collections.abc import Sequence
from functools import lru_cache

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from bot.feeds.http.dns import DnsResolver
from bot.feeds.http.special_purpose_networks import Network, all_of, is_public

__all__ = ["BlockedAddressError", "BlockedPortError", "Guard", "GuardedResolver", "Network", "Ports", "is_public"]

Ports = Sequence[tuple[int, int]]
"""Ranges, both ends included."""
USUAL_PORTS: Ports = ((80, 80), (443, 443), (8000, 8999))
ALL_PORTS: Ports = ((1, 65535),)
_NOBODYS = ("192.0.2.1", "2001:db8::1")
"""Documentation addresses: no machine has them."""


class BlockedAddressError(OSError):
    """The name leads to an address that is not public, or that the operator has blocked."""


class BlockedPortError(OSError):
    """The address names a port that is not allowed."""


class Guard:
    """What may be asked.

    Args:
        allow_private: addresses that are not public may be asked, and this machine.
        allowed_ports: None means the usual ones, or all where private networks are allowed.
        blocked: networks that may not be asked in any case.
    """

    def __init__(
        self, *, allow_private: bool, allowed_ports: Ports | None = None, blocked: Sequence[Network] = ()
    ) -> None:
        self._allow_private = allow_private
        self._ports = allowed_ports if allowed_ports is not None else ALL_PORTS if allow_private else USUAL_PORTS
        self._blocked = tuple(blocked)

    @property
    def ports(self) -> str:
        """The allowed ports in words."""
        return ", ".join(str(low) if low == high else f"{low}-{high}" for low, high in self._ports)

    @property
    def lets_all_through(self) -> bool:
        return self._allow_private and not self._blocked

    def allows(self, address: str) -> bool:
        """Whether this address, of IPv4 or IPv6, may be connected to."""
        if not self._allow_private and not (is_public(address) and not is_own(address)):
            return False
        if not self._blocked:
            return True
        try:
            found = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            return False
        return not any(each in network for each in {found, *all_of(found)} for network in self._blocked)

    def refuse(self, url: URL) -> None:
        """Check what can be checked before a name is looked up.

        aiohttp asks no resolver about an address written as numbers, and a proxy asks its own. Covers the old ways to
        write an IPv4 address (127.1, 0x7f.1, 2130706433), which resolvers and proxies understand.

        Raises:
            BlockedPortError: the port is not allowed.
            BlockedAddressError: it is written as numbers and not allowed, or is the name of every machine for itself.
        """
        port = url.port or 0
        for low, high in self._ports:
            if low <= port <= high:
                break
        else:
            raise BlockedPortError(f"port {port} is not allowed")
        host = url.raw_host
        if host is None or self.lets_all_through:
            return
        name = host.lower().rstrip(".")
        if not self._allow_private and (name == "localhost" or name.endswith(".localhost")):
            raise BlockedAddressError(f"{host} is this machine itself")
        address = literal(name)
        if address is not None and not self.allows(address):
            raise BlockedAddressError(f"{host} is in a network that is not read")

    def connector(self, lookups: DnsResolver, *, proxy: str | None = None) -> aiohttp.TCPConnector:
        """The one connector for feed hosts: guarded, kept alive. All connections share the TLS context that aiohttp made."""
        resolver = GuardedResolver(lookups, self, trusted=URL(proxy).raw_host if proxy else None)
        # Names are remembered by the look-ups; a second memory here would only outlive the first.
        return aiohttp.TCPConnector(resolver=resolver, limit=0, use_dns_cache=False, keepalive_timeout=30)


class GuardedResolver(AbstractResolver):
    """Refuses what is not allowed. aiohttp connects to exactly what this returns: there is no second look-up in between.

    Args:
        trusted: a name that may lead anywhere, since the operator chose it: the proxy's.
    """

    def __init__(self, lookups: DnsResolver, guard: Guard, *, trusted: str | None = None) -> None:
        self._lookups = lookups
        self._guard = guard
        self._trusted = trusted

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._lookups.find(host, family)
        results = [
            ResolveResult(hostname=host, host=str(item[4][0]), port=port, family=item[0], proto=item[2], flags=0)
            for item in found
        ]
        if self._guard.lets_all_through or host == self._trusted:
            return results
        allowed = [item for item in results if self._guard.allows(item["host"])]
        if not allowed:
            raise BlockedAddressError(f"{host} leads into a network that is not read")
        return allowed

    async def close(self) -> None:
        await self._lookups.close()


@lru_cache(maxsize=4_000)
def literal(name: str) -> str | None:
    """The address that is written as numbers, in any of the old ways; None where it is a name."""
    if ":" not in name and not name[:1].isdigit():
        return None
    try:
        return str(ipaddress.ip_address(name.partition("%")[0]))
    except ValueError:
        if not name[:1].isdigit():
            return None
    try:
        return socket.inet_ntoa(socket.inet_aton(name))
    except (OSError, UnicodeError):
        return None


def is_own(address: str) -> bool:
    """Whether this machine itself has a public address: what listens on it is not meant for everybody.

    Asked of the kernel at the moment, since addresses come and go. Where it lets programs take addresses that nobody
    has (ip_nonlocal_bind), it cannot say.
    """
    return _can_be_bound(address) and not _can_be_bound(_NOBODYS[":" in address])


def _can_be_bound(address: str) -> bool:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((address, 0))
    except OSError:
        return False
    return True
