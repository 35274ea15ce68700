"""Reading ports and networks from the configuration. Pure."""

import re
from ipaddress import IPv4Network, IPv6Network, ip_network


def _listed(value: object) -> object:
    # A variable has one line of text; a file may have a list of numbers and texts.
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def ports(value: object) -> object:
    """Ranges of ports from `[80, "8000-8999"]`, "80, 8000-8999" or "any"."""
    if isinstance(value, str) and value.strip().lower() == "any":
        return ((1, 65535),)
    parts = _listed(value)
    if not isinstance(parts, list | tuple) or not parts:
        raise ValueError('must be a list of ports and ranges, for instance [80, 443, "8000-8999"], or "any"')
    return tuple(_port_range(part) for part in parts)


def _port_range(part: object) -> tuple[int, int]:
    found = None if isinstance(part, bool) else re.fullmatch(r"(\d{1,5})(?:\s*-\s*(\d{1,5}))?", str(part).strip())
    low, high = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
    if not 1 <= low <= high <= 65535:
        raise ValueError(
            f'has {part!r}, which is no port: write a number from 1 to 65535, or two of them as "8000-8999"'
        )
    return low, high


def networks(value: object) -> object:
    parts = _listed(value)
    if not isinstance(parts, list | tuple):
        raise ValueError('must be a list of networks, for instance ["203.0.113.0/24"]')  # noqa: TRY004 - see `_no_switch`
    return tuple(_network(part) for part in parts)


def _network(part: object) -> IPv4Network | IPv6Network:
    try:
        return ip_network(str(part).strip())
    except ValueError as error:
        hint = ""
        if "host bits" in str(error):
            hint = f"; did you mean {ip_network(str(part).strip(), strict=False)}?"
        raise ValueError(
            f"has {part!r}, which is no network: write an address, or a network as 203.0.113.0/24 or 2001:db8::/32{hint}"
        ) from error
