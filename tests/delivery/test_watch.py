"""Which requests are bound to the bot's limit."""

import pytest
from yarl import URL

from bot.delivery.budget import Budget
from bot.delivery.traffic import Traffic
from bot.delivery.watch import Watch
from tests.fakes import FakeClock


@pytest.mark.parametrize("api_url", ["https://discord.com/api/v10", "http://127.0.0.1:8080", "http://proxy.example/"])
def test_answers_to_commands_are_not_counted_whatever_the_address_of_discord_is(api_url: str) -> None:
    clock = FakeClock()
    watch = Watch(Budget(1, clock), Traffic(), clock, api_url=api_url)
    watch.trace(lambda: 77)

    def counts(path: str) -> bool:
        return watch._counts(URL(api_url.rstrip("/") + path))

    assert counts("/channels/1/messages")
    assert counts("/webhooks/5/token")
    assert not counts("/interactions/1/token/callback")
    assert not counts("/webhooks/77/token/messages/@original")
    assert not watch._counts(URL("https://elsewhere.example/channels/1/messages"))
