"""Networks in which no public site is: the IANA registries of special-purpose addresses, written out, and some more.

Sources: "IANA IPv4 Special-Purpose Address Registry" and "IANA IPv6 Special-Purpose Address Registry" (RFC 6890 and its
updates), as of October 2025. Written out since Python's own tables differ between its patch releases. Rows that the
registries call globally reachable are here too: they are for relays, sinks and the nearest service of a kind.
"""

import ipaddress

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

IPV4_REGISTRY = (
    "0.0.0.0/8",  # this network (RFC 791)
    "0.0.0.0/32",  # this host on this network (RFC 1122)
    "10.0.0.0/8",  # private use (RFC 1918)
    "100.64.0.0/10",  # shared address space of carriers (RFC 6598)
    "127.0.0.0/8",  # loopback (RFC 1122)
    "169.254.0.0/16",  # link local (RFC 3927); the metadata of most clouds
    "172.16.0.0/12",  # private use (RFC 1918)
    "192.0.0.0/24",  # IETF protocol assignments (RFC 6890); 192.0.0.192 is Oracle's metadata
    "192.0.0.0/29",  # IPv4 service continuity prefix (RFC 7335)
    "192.0.0.8/32",  # IPv4 dummy address (RFC 7600)
    "192.0.0.9/32",  # port control protocol anycast (RFC 7723)
    "192.0.0.10/32",  # traversal using relays around NAT anycast (RFC 8155)
    "192.0.0.170/32",  # NAT64/DNS64 discovery (RFC 8880)
    "192.0.0.171/32",  # NAT64/DNS64 discovery (RFC 8880)
    "192.0.2.0/24",  # documentation, TEST-NET-1 (RFC 5737)
    "192.31.196.0/24",  # AS112-v4 (RFC 7535)
    "192.52.193.0/24",  # AMT (RFC 7450)
    "192.88.99.0/24",  # deprecated: 6to4 relay anycast (RFC 7526)
    "192.168.0.0/16",  # private use (RFC 1918)
    "192.175.48.0/24",  # direct delegation AS112 service (RFC 7534)
    "198.18.0.0/15",  # benchmarking (RFC 2544)
    "198.51.100.0/24",  # documentation, TEST-NET-2 (RFC 5737)
    "203.0.113.0/24",  # documentation, TEST-NET-3 (RFC 5737)
    "240.0.0.0/4",  # reserved (RFC 1112)
    "255.255.255.255/32",  # limited broadcast (RFC 8190)
)
IPV6_REGISTRY = (
    "::1/128",  # loopback (RFC 4291)
    "::/128",  # unspecified (RFC 4291)
    "::ffff:0:0/96",  # IPv4-mapped (RFC 4291); judged by the IPv4 address
    "64:ff9b::/96",  # IPv4-IPv6 translation (RFC 6052); judged by the IPv4 address
    "64:ff9b:1::/48",  # IPv4-IPv6 translation of local use (RFC 8215)
    "100::/64",  # discard-only (RFC 6666)
    "100:0:0:1::/64",  # dummy prefix (RFC 9780)
    "2001::/23",  # IETF protocol assignments (RFC 2928)
    "2001::/32",  # Teredo (RFC 4380)
    "2001:1::1/128",  # port control protocol anycast (RFC 7723)
    "2001:1::2/128",  # traversal using relays around NAT anycast (RFC 8155)
    "2001:1::3/128",  # DNS-SD service registration anycast (RFC 9665)
    "2001:2::/48",  # benchmarking (RFC 5180)
    "2001:3::/32",  # AMT (RFC 7450)
    "2001:4:112::/48",  # AS112-v6 (RFC 7535)
    "2001:10::/28",  # deprecated: ORCHID (RFC 4843)
    "2001:20::/28",  # ORCHIDv2 (RFC 7343)
    "2001:30::/28",  # drone remote identification (RFC 9374)
    "2001:db8::/32",  # documentation (RFC 3849)
    "2002::/16",  # 6to4 (RFC 3056); judged by the IPv4 address
    "2620:4f:8000::/48",  # direct delegation AS112 service (RFC 7534)
    "3fff::/20",  # documentation (RFC 9637)
    "5f00::/16",  # segment routing identifiers (RFC 9602)
    "fc00::/7",  # unique local (RFC 4193); fd00:ec2::254 is Amazon's metadata, fd20:ce::254 Google's
    "fe80::/10",  # link local (RFC 4291)
)
PLATFORMS = (
    "168.63.129.16/32",  # Azure: the machine's own platform, seen from inside only
    "100.100.100.200/32",  # Alibaba: metadata
    "161.26.0.0/16",  # IBM: services of its private network
    "166.8.0.0/14",  # IBM: cloud service endpoints of its private network
)
MULTICAST = ("224.0.0.0/4", "ff00::/8")
UNICAST = ipaddress.IPv6Network("2000::/3")
"""All of IPv6 that is given out to sites; what is outside, and not an IPv4 address in disguise, is none."""

MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
SIXTOFOUR = ipaddress.IPv6Network("2002::/16")
_LAST_WORD = 0xFFFFFFFF
_ISATAP = {0x00005EFE, 0x02005EFE}


def _networks(version: int) -> tuple[Network, ...]:
    judged_by_ipv4 = {MAPPED, NAT64, SIXTOFOUR}
    rows = (*IPV4_REGISTRY, *IPV6_REGISTRY, *PLATFORMS, *MULTICAST)
    found = (ipaddress.ip_network(row) for row in rows)
    return tuple(each for each in found if each.version == version and each not in judged_by_ipv4)


_CLOSED = {4: _networks(4), 6: _networks(6)}


def is_public(address: str) -> bool:
    """Whether an address is one of a public site, also when an IPv4 address is wrapped in it."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return all(_is_open(each) for each in all_of(found))


def all_of(address: Address) -> tuple[Address, ...]:
    """What an address leads to: itself, or the IPv4 address in it (IPv4-mapped, NAT64, 6to4); both for ISATAP.

    Teredo leads to an IPv4 address too, but is never public.
    """
    if isinstance(address, ipaddress.IPv4Address):
        return (address,)
    number = int(address)
    if address in MAPPED or address in NAT64:
        return (ipaddress.IPv4Address(number & _LAST_WORD),)
    if address in SIXTOFOUR:
        return (ipaddress.IPv4Address(number >> 80 & _LAST_WORD),)
    if number >> 32 & _LAST_WORD in _ISATAP:
        return (address, ipaddress.IPv4Address(number & _LAST_WORD))
    return (address,)


def unwrapped(address: Address) -> Address:
    """The IPv4 address that an address leads to; else the address itself."""
    return all_of(address)[-1]


def _is_open(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address) and address not in UNICAST:
        return False
    return not any(address in network for network in _CLOSED[address.version])
