"""What a host has in common with others: the domain that somebody registered, and the address that it is served from."""

import asyncio
import ipaddress
from collections.abc import Iterable
from functools import lru_cache

from bot.addresses.registrable_domain import registrable_domain
from bot.feeds.http.dns import AddressInfo, DnsResolver
from bot.feeds.http.special_purpose_networks import unwrapped
from bot.feeds.http.ssrf_guard import literal


async def of_host(name: str, lookups: DnsResolver | None, timeout_seconds: float) -> tuple[str, ...]:
    """The names of the places that the host shares.

    Args:
        lookups: None where a proxy looks names up.

    Raises:
        TimeoutError: nobody answered for its name.
    """
    if literal(name) is not None:
        return ()
    domain = registrable_domain(name)
    found = () if domain is None else (f"domain {domain}",)
    if lookups is None:
        return found
    try:
        addresses = lookups.remembered(name)
        if addresses is None:
            async with asyncio.timeout(timeout_seconds):
                addresses = await lookups.find(name)
    except TimeoutError:
        raise
    except OSError:
        return found  # connecting will meet the same error, and say so
    return (*found, f"address {network_of(addresses)}")


def network_of(found: Iterable[AddressInfo]) -> str:
    """One of the addresses that a name led to, the same however they are ordered; of IPv6 the network of its owner."""
    return _network_of(tuple([str(item[4][0]) for item in found]))


@lru_cache(maxsize=5_000)
def _network_of(written: tuple[str, ...]) -> str:
    addresses = {unwrapped(ipaddress.ip_address(each.partition("%")[0])) for each in written}
    old = [address for address in addresses if isinstance(address, ipaddress.IPv4Address)]
    if old:
        return str(min(old))
    return str(ipaddress.ip_network((min(addresses, key=int), 64), strict=False)) if addresses else ""
