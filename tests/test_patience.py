"""What is tried again with Discord, what is let be, and what ends the bot."""

from collections.abc import Callable
from types import SimpleNamespace

import discord
import pytest

from bot.gateway.reconnect import patiently
from tests.fakes import FakeClock
from tests.standins import no_rest


def answer(status: int) -> discord.HTTPException:
    kind = {403: discord.Forbidden, 404: discord.NotFound}.get(status, discord.HTTPException)
    return kind(SimpleNamespace(status=status, reason=""), "no")


def no_gateway(status: int) -> discord.GatewayNotFound:
    """As discord.py reports any answer to the question where the gateway is."""
    error = discord.GatewayNotFound()  # type: ignore[no-untyped-call]
    error.__cause__ = answer(status)
    return error


class Action:
    """Goes wrong in these ways, then works."""

    def __init__(self, *errors: Exception) -> None:
        self._errors = list(errors)
        self.tried = 0
        self.done = False

    async def __call__(self) -> None:
        self.tried += 1
        if self._errors:
            raise self._errors.pop(0)
        self.done = True


@pytest.mark.parametrize("status", [400, 403, 404, 500, 503])
async def test_what_the_bot_cannot_do_without_is_tried_until_it_works(status: int) -> None:
    action, clock = Action(answer(status), answer(status)), FakeClock()
    await patiently("log in", action, clock, rest_seconds=no_rest)
    assert (action.tried, action.done) == (3, True)
    assert clock.monotonic() > 1


@pytest.mark.parametrize("status", [400, 403, 404])
async def test_what_it_can_do_without_is_tried_daily_once_refused(status: int) -> None:
    action, clock = Action(answer(status), answer(status)), FakeClock()
    await patiently("publish the commands", action, clock, dispensable=True, rest_seconds=no_rest)
    assert (action.tried, action.done) == (3, True)
    assert clock.monotonic() == 2 * 86_400


async def test_what_it_can_do_without_is_tried_soon_where_discord_is_only_away() -> None:
    action, clock = Action(answer(503)), FakeClock()
    await patiently("publish the commands", action, clock, dispensable=True, rest_seconds=no_rest)
    assert (action.done, clock.monotonic() < 60) == (True, True)


async def test_while_everything_rests_a_refusal_says_nothing() -> None:
    action, clock = Action(answer(403)), FakeClock()
    await patiently("publish the commands", action, clock, lambda: 600.0, dispensable=True)
    assert action.done
    assert clock.monotonic() >= 600


@pytest.mark.parametrize("error", [answer(401), no_gateway(401), discord.LoginFailure("no")], ids=repr)
async def test_a_refused_token_ends_it(error: Exception) -> None:
    with pytest.raises(discord.LoginFailure):
        await patiently("connect", Action(error), FakeClock(), rest_seconds=no_rest)


@pytest.mark.parametrize("make", [lambda: no_gateway(503), discord.GatewayNotFound, TimeoutError, OSError])
async def test_an_unreachable_gateway_is_tried_again(make: Callable[[], Exception]) -> None:
    action = Action(make(), make())
    await patiently("connect", action, FakeClock(), rest_seconds=no_rest)
    assert action.done
