"""A loopback HTTP proxy that wants a password, and keeps a list of what it was asked for."""

import asyncio
import contextlib
from base64 import b64encode
from collections.abc import Mapping
from typing import Self
from urllib.parse import urlsplit


class LoopbackProxy:
    """`async with LoopbackProxy("ann", "secret", names={"blog.example": feeds.url}) as proxy: proxy.url`."""

    def __init__(self, user: str, password: str, *, names: Mapping[str, str]) -> None:
        self._token = "Basic " + b64encode(f"{user}:{password}".encode()).decode()
        self._credentials = f"{user}:{password}"
        self._names = names
        self.asked: list[str] = []
        """The addresses, as they stood in the requests."""
        self.headers: list[dict[str, str]] = []
        self.url = ""
        """With the credentials."""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://{self._credentials}@127.0.0.1:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            first, *lines = head.strip().split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            if headers.get("proxy-authorization") == self._token:
                writer.write(await self._ask(first.split()[1], headers))
            else:
                writer.write(
                    b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                )
            await writer.drain()
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    async def _ask(self, address: str, headers: dict[str, str]) -> bytes:
        self.asked.append(address)
        self.headers.append(headers)
        parts = urlsplit(address)
        place = urlsplit(self._names[parts.hostname or ""])
        reader, writer = await asyncio.open_connection(place.hostname, place.port)
        passed = {name: value for name, value in headers.items() if not name.startswith("proxy-")}
        lines = [f"GET {parts.path} HTTP/1.1", *(f"{name}: {value}" for name, value in passed.items())]
        writer.write("\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1"))
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
        return answer
