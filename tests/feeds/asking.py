"""Asking hosts in tests: settings that allow loopback and wait for nothing."""

from dataclasses import dataclass

from bot.clock import SystemClock
from bot.feeds.http.fetcher import Fetcher
from bot.feeds.http.ssrf_guard import Network, Ports
from bot.model import FeedRequest, Fetched, FetchFailed, FetchResult


@dataclass(frozen=True)
class Settings:
    allow_private_networks: bool = True
    timeout_seconds: float = 5
    max_body_megabytes: float = 1
    max_transfer_megabytes: float | None = None
    min_bytes_per_second: float = 1000
    min_speed_after_seconds: float = 5
    allowed_ports: Ports | None = None
    blocked_networks: tuple[Network, ...] = ()
    per_host_interval_seconds: float = 0
    per_host_connections: int = 1
    user_agent: str = "riverpost-test"
    proxy: str | None = None


async def ask(
    url: str,
    *,
    etag: str | None = None,
    last_modified: str | None = None,
    validators_url: str | None = None,
    settings: Settings | None = None,
) -> FetchResult:
    async with Fetcher(settings or Settings(), SystemClock()) as fetcher:
        return await fetcher.fetch(FeedRequest(url, etag, last_modified, validators_url))


async def document(url: str, *, settings: Settings | None = None) -> Fetched:
    found = await ask(url, settings=settings)
    assert isinstance(found, Fetched), found
    return found


async def failure(url: str, *, settings: Settings | None = None) -> FetchFailed:
    found = await ask(url, settings=settings)
    assert isinstance(found, FetchFailed), found
    return found
