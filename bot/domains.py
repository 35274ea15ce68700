"""Registrable domains: which host names belong to one owner, by the public suffix list with its private part.

Two people's names at one hosting platform (`a.github.io`, `b.github.io`) are strangers to each other.
"""

from functools import cache, lru_cache

from publicsuffixlist import PublicSuffixList


@lru_cache(maxsize=20_000)
def registrable_domain(host: str) -> str | None:
    """The part of a host name that somebody registered: `blog.example.co.uk` to `example.co.uk`.

    None for a name that is a public suffix itself, for a single label, and for an address written as numbers.
    """
    name = host.rstrip(".").lower()
    if ":" in name or name.rpartition(".")[2].isdigit():
        return None
    return _list().privatesuffix(name)


@cache
def _list() -> PublicSuffixList:
    return PublicSuffixList()
