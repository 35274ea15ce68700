"""Which host names have one owner."""

import pytest

from bot.addresses.registrable_domain import registrable_domain


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("example.org", "example.org"),
        ("a.b.example.org", "example.org"),
        ("Blog.Example.co.uk.", "example.co.uk"),
        ("anna.github.io", "anna.github.io"),
        ("www.anna.github.io", "anna.github.io"),
        ("co.uk", None),
        ("github.io", None),
        ("localhost", None),
        ("127.0.0.1", None),
        ("2001:db8::1", None),
    ],
)
def test_a_name_belongs_to_whoever_registered_its_end(host: str, domain: str | None) -> None:
    assert registrable_domain(host) == domain
