"""Which requests are bound to the bot's limit."""

import pytest
from yarl import URL

from bot.posting.discord.request_monitor import RequestMonitor
from bot.posting.pacing.circuit_breaker import CircuitBreaker
from bot.posting.pacing.rate_limiter import RateLimiter
from tests.fakes import FakeClock


@pytest.mark.parametrize("api_url", ["https://discord.com/api/v10", "http://127.0.0.1:8080", "http://proxy.example/"])
def test_answers_to_commands_are_not_counted_whatever_the_address_of_discord_is(api_url: str) -> None:
    clock = FakeClock()
    watch = RequestMonitor(RateLimiter(1, clock), CircuitBreaker(), clock, api_url=api_url)
    watch.trace(lambda: 77)

    def counts(path: str) -> bool:
        return watch._counts(URL(api_url.rstrip("/") + path))

    assert counts("/channels/1/messages")
    assert counts("/webhooks/5/token")
    assert not counts("/interactions/1/token/callback")
    assert not counts("/webhooks/77/token/messages/@original")
    assert not watch._counts(URL("https://elsewhere.example/channels/1/messages"))
