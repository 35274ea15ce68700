"""Which hosts are served from one place."""

import socket

import pytest

from bot.feeds.fairness.shared_hosting import network_of, of_host
from bot.feeds.http.dns import AddressInfo


def found(*addresses: str) -> list[AddressInfo]:
    return [(socket.AF_INET6 if ":" in each else socket.AF_INET, 1, 6, "", (each, 0)) for each in addresses]


@pytest.mark.parametrize(
    ("addresses", "network"),
    [
        (["192.0.2.7"], "192.0.2.7"),
        (["192.0.2.9", "192.0.2.7", "2001:db8::1"], "192.0.2.7"),
        (["2001:db8:1:2:3::4"], "2001:db8:1:2::/64"),
        (["2001:db8:1:2:ffff::9"], "2001:db8:1:2::/64"),
        (["::ffff:192.0.2.7"], "192.0.2.7"),
        ([], ""),
    ],
)
def test_the_place_of_a_name_is_one_of_its_addresses_however_they_are_ordered(
    addresses: list[str], network: str
) -> None:
    assert network_of(found(*addresses)) == network_of(found(*reversed(addresses))) == network


@pytest.mark.parametrize("name", ["192.0.2.7", "2001:db8::1", "127.1", "0x7f.1"])
async def test_an_address_written_as_numbers_shares_nothing_that_it_is_not_itself(name: str) -> None:
    assert await of_host(name, None, 1) == ()


async def test_behind_a_proxy_only_the_domain_is_known() -> None:
    assert await of_host("a.blog.example.co.uk", None, 1) == ("domain example.co.uk",)
