"""Which addresses are public, also in disguise."""

import ipaddress
import socket
from collections.abc import Sequence

import pytest
from yarl import URL

from bot.clock import SystemClock
from bot.feeds.http import special_purpose_networks, ssrf_guard
from bot.feeds.http.dns import AddressInfo, DnsResolver
from bot.feeds.http.ssrf_guard import BlockedAddressError, BlockedPortError, Guard, GuardedResolver, is_public


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8", "2002:808:808::1"]
)
def test_a_public_address_may_be_read(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "fec0::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::1",
        "2002:c0a8:101::1",
        "2002:a9fe:a9fe::1",
        "2001:0:4136:e378:8000:63bf:3f57:fefe",
        "2001:0:7f00:1:8000:63bf:f7f7:f7f7",
        "::127.0.0.1",
        "64:ff9b:1::7f00:1",
        "192.0.0.1",
        "198.18.0.1",
        "2001:db8::1",
        "not an address",
    ],
)
def test_a_private_address_may_not_however_it_is_written(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "0x7f.1",
        "0177.0.0.1",
        "2130706433",
        "0x7f000001",
        "169.254.169.254",
        "::1",
        "fe80::1%eth0",
        "::ffff:10.0.0.1",
        "localhost",
        "LOCALHOST.",
        "a.localhost",
    ],
)
def test_a_private_address_written_out_is_refused_without_asking_anybody(host: str) -> None:
    url = URL.build(scheme="http", host=host)
    with pytest.raises(BlockedAddressError):
        Guard(allow_private=False).refuse(url)
    Guard(allow_private=True).refuse(url)


@pytest.mark.parametrize("host", ["8.8.8.8", "134744072", "2606:4700::1111", "blog.example", "1password.example"])
def test_names_and_public_addresses_pass(host: str) -> None:
    Guard(allow_private=False).refuse(URL.build(scheme="http", host=host))


# --- the registries ----------------------------------------------------------------------------------

ROWS = (
    *special_purpose_networks.IPV4_REGISTRY,
    *special_purpose_networks.IPV6_REGISTRY,
    *special_purpose_networks.PLATFORMS,
    *special_purpose_networks.MULTICAST,
)
JUDGED_BY_IPV4 = {"::ffff:0:0/96", "64:ff9b::/96", "2002::/16"}


@pytest.mark.parametrize("row", [row for row in ROWS if row not in JUDGED_BY_IPV4])
def test_nothing_in_a_special_network_is_public(row: str) -> None:
    network = ipaddress.ip_network(row)
    for number in {0, 1, network.num_addresses // 2, network.num_addresses - 1}:
        address = network[min(number, network.num_addresses - 1)]
        assert not is_public(str(address)), address


@pytest.mark.parametrize("row", [row for row in ROWS if ":" not in row])
def test_nor_is_it_where_another_address_wraps_it(row: str) -> None:
    network = ipaddress.IPv4Network(row)
    for address in (network[0], network[-1]):
        number = int(address)
        for wrapped in (
            0xFFFF << 32 | number,  # IPv4-mapped
            number,  # IPv4-compatible
            0xFFFF << 48 | number,  # IPv4-translated
            0x64FF9B << 96 | number,  # NAT64
            0x64FF9B0001 << 80 | number,  # NAT64 of local use
            0x2002 << 112 | number << 80 | 1,  # 6to4
            0x20010000 << 96 | 0x08080808 << 64 | number ^ 0xFFFFFFFF,  # Teredo
            0x26064700 << 96 | 0x00005EFE << 32 | number,  # ISATAP
            0x26064700 << 96 | 0x02005EFE << 32 | number,  # ISATAP
        ):
            assert not is_public(str(ipaddress.IPv6Address(wrapped))), (address, ipaddress.IPv6Address(wrapped))


@pytest.mark.parametrize("row", ROWS)
def test_what_lies_beside_a_special_network_is_public_unless_another_begins_there(row: str) -> None:
    """A network one bit too wide would shut sites out."""
    network = ipaddress.ip_network(row)
    others = [ipaddress.ip_network(other) for other in ROWS]
    unicast = special_purpose_networks.UNICAST
    for number in (int(network[0]) - 1, int(network[-1]) + 1):
        if not 0 <= number < 2**network.max_prefixlen:
            continue
        beside = type(network[0])(number)
        if any(beside in other for other in others if other.version == beside.version):
            continue
        assert is_public(str(beside)) == (beside.version == 4 or beside in unicast), beside


@pytest.mark.parametrize(
    "address",
    [
        "168.63.129.16",
        "169.254.169.254",
        "169.254.170.2",
        "100.100.100.200",
        "192.0.0.192",
        "fd00:ec2::254",
        "fd20:ce::254",
        "::ffff:168.63.129.16",
        "64:ff9b::a83f:8110",
    ],
)
def test_what_a_cloud_tells_its_machines_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "100.63.255.255",
        "100.128.0.0",
        "172.32.0.1",
        "168.63.129.17",
        "223.255.255.255",
        "2a00:1450::1",
        "2001:200::1",
    ],
)
def test_sites_are_public(address: str) -> None:
    assert is_public(address)


# --- what the operator blocks, and what the machine has itself ----------------------------------------


def resolver(addresses: Sequence[str], made: Guard, *, trusted: str | None = None) -> GuardedResolver:
    def look_up(name: str, port: int, family: int, kind: int) -> list[AddressInfo]:
        return [
            (socket.AF_INET6 if ":" in each else socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port))
            for each in addresses
        ]

    return GuardedResolver(DnsResolver(SystemClock(), look_up), made, trusted=trusted)


async def allowed(addresses: Sequence[str], made: Guard) -> list[str]:
    return [found["host"] for found in await resolver(addresses, made).resolve("host.example", 443)]


async def test_of_a_name_that_leads_to_both_only_the_public_addresses_are_asked() -> None:
    made = Guard(allow_private=False)
    mixed = ["10.0.0.1", "8.8.8.8", "::1", "2606:4700::1111", "::ffff:127.0.0.1"]
    assert await allowed(mixed, made) == ["8.8.8.8", "2606:4700::1111"]
    with pytest.raises(BlockedAddressError):
        await allowed(["10.0.0.1", "fe80::1%eth0", "168.63.129.16"], made)


async def test_networks_that_the_operator_blocks_are_never_asked() -> None:
    blocked = [
        ipaddress.ip_network("8.8.8.0/24"),
        ipaddress.ip_network("2a00:1450::/32"),
        ipaddress.ip_network("10.1.0.0/16"),
    ]
    made = Guard(allow_private=False, blocked=blocked)
    assert await allowed(["8.8.8.8", "8.8.4.4", "2a00:1450::1", "::ffff:8.8.8.8"], made) == ["8.8.4.4"]
    with pytest.raises(BlockedAddressError):
        made.refuse(URL("http://8.8.8.8/"))
    # Also where private networks may be asked, and also in disguise.
    private = Guard(allow_private=True, blocked=blocked)
    assert await allowed(["10.1.2.3", "10.2.2.3", "2002:a01:203::1"], private) == ["10.2.2.3"]


async def test_the_machines_own_public_address_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """127.0.0.0/8 stands for a public address of this machine: the kernel lets it be bound, others it does not."""
    monkeypatch.setattr(ssrf_guard, "is_public", lambda address: True)
    made = Guard(allow_private=False)
    assert await allowed(["127.0.0.1", "8.8.8.8"], made) == ["8.8.8.8"]
    monkeypatch.setattr(ssrf_guard, "_NOBODYS", ("127.0.0.2", "::1"))  # a kernel that lets anything be bound
    assert await allowed(["127.0.0.1", "8.8.8.8"], made) == ["127.0.0.1", "8.8.8.8"]


# --- ports ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "http://a.example/",
        "https://a.example/",
        "http://a.example:443/",
        "http://a.example:8000/",
        "https://a.example:8999/",
    ],
)
def test_the_webs_ports_are_asked(url: str) -> None:
    Guard(allow_private=False).refuse(URL(url))


@pytest.mark.parametrize("port", [1, 22, 25, 79, 81, 444, 3306, 5432, 6379, 7999, 9000, 11211, 65535])
def test_other_ports_are_not(port: int) -> None:
    url = URL(f"http://a.example:{port}/")
    with pytest.raises(BlockedPortError):
        Guard(allow_private=False).refuse(url)
    Guard(allow_private=True).refuse(url)
    Guard(allow_private=False, allowed_ports=[(port, port)]).refuse(url)
    with pytest.raises(BlockedPortError):
        Guard(allow_private=True, allowed_ports=[(80, 80)]).refuse(url)
