"""Checks of single values of the configuration; pydantic turns each ValueError into a problem with a key."""

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError


def web_address(text: str) -> str:
    try:
        parts = urlsplit(text)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        good = False
    if not good or re.search(r"\s", text):
        raise ValueError("must be an address that starts with http:// or https://")
    return text


def store_url(text: str) -> str:
    if text.startswith(("postgresql://", "postgresql+", "postgres://")):
        raise ValueError("PostgreSQL is not supported yet; use sqlite:///path/to/file.db")
    if not text.startswith("sqlite:///") or text in {"sqlite:///", "sqlite:///:memory:"}:
        raise ValueError("must be sqlite:/// and the path of a file, for instance sqlite:///data/riverpost.db")
    return text


def header(text: str) -> str:
    if not (text.isascii() and text.isprintable() and text.strip()):
        raise ValueError("must be one line of plain ASCII text")
    return text.strip()


def some(addresses: tuple[str, ...]) -> tuple[str, ...]:
    # Not min_length: where an item is wrong, pydantic would call the list empty as well.
    if not addresses:
        raise PydanticCustomError("too_short", "must not be empty")
    return addresses


def no_switch(value: object) -> object:
    # Python counts true as 1, so that `requests_per_second = true` would pass.
    if isinstance(value, bool):
        raise ValueError("must be a number")  # noqa: TRY004 - pydantic turns only ValueError into a problem
    return value


def ids(value: object) -> object:
    # A variable has no lists: numbers with commas or spaces between.
    return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value


def listen_address(value: str) -> str:
    """`127.0.0.1:8080` or `[::1]:8080`."""
    host, colon, port = value.rpartition(":")
    if not colon or not host or not (port.isdecimal() and 0 <= int(port) <= 65_535):
        raise PydanticCustomError("listen", 'must be a host and a port, for example "127.0.0.1:8080"')
    return value


WebAddress = Annotated[str, AfterValidator(web_address)]
Whole = Annotated[int, BeforeValidator(no_switch)]
Number = Annotated[float, BeforeValidator(no_switch), Field(allow_inf_nan=False)]
Snowflake = Annotated[int, BeforeValidator(no_switch), Field(ge=1, lt=2**63)]
Name = Annotated[str, Field(min_length=1, max_length=100)]


class Section(BaseModel):
    """A section of the configuration: frozen, and nothing in it that is not known."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)
