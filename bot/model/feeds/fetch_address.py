"""An address that is fetched, which may hold a password or key: a type of its own, so that it is never shown by accident."""

from typing import Final, final

from bot.addresses import has_secret, shown, site_of


@final
class FetchAddress:
    """Where a feed is fetched. However it is turned into text, its secrets are masked; only `reveal` gives them.

    `reveal` is for the fetcher, for the database, and for what a person explicitly asked for: `/source show`, and lists
    that are exported with secrets. Two are equal if all of them is, and so is the text that one was made of.
    """

    __slots__ = ("_address",)

    def __init__(self, address: "str | FetchAddress") -> None:
        self._address: Final[str] = address.reveal() if isinstance(address, FetchAddress) else address

    def reveal(self) -> str:
        """All of it, with everything that is secret in it."""
        return self._address

    @property
    def shown(self) -> str:
        """As anybody may read it."""
        return shown(self._address)

    @property
    def site(self) -> str:
        """The name of its host, for lists and logs."""
        return site_of(self._address)

    @property
    def has_secret(self) -> bool:
        """Whether `shown` leaves anything out."""
        return has_secret(self._address)

    def __str__(self) -> str:
        return self.shown

    def __repr__(self) -> str:
        return f"FetchAddress({self.shown!r})"

    def __format__(self, spec: str) -> str:
        return format(self.shown, spec)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, FetchAddress):
            return self._address == other._address
        return self._address == other if isinstance(other, str) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._address)

    def __reduce__(self) -> tuple[type["FetchAddress"], tuple[str]]:
        return FetchAddress, (self._address,)
