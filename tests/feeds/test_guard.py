"""Which addresses are public, also in disguise."""

import pytest

from bot.feeds.guard import BlockedAddressError, is_public, refuse_literal


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
    with pytest.raises(BlockedAddressError):
        refuse_literal(host, allow_private=False)
    refuse_literal(host, allow_private=True)


@pytest.mark.parametrize("host", ["8.8.8.8", "134744072", "2606:4700::1111", "blog.example", "1password.example", None])
def test_names_and_public_addresses_pass(host: str | None) -> None:
    refuse_literal(host, allow_private=False)
