"""Addresses that are listened on."""

import socket

BACKLOG = 512


def listening_socket(address: str) -> socket.socket:
    """A socket that listens at `host:port`; port 0 is any free one.

    Raises:
        OSError: the address is in use, or may not be used.
    """
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, int(port)), family=family, backlog=BACKLOG)
