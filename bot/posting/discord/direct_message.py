"""Telling a person privately what came of what they asked for, where the message that asked can no longer be changed."""

import io

import discord

from bot import logs
from bot.clock import Clock
from bot.posting.discord.request_monitor import in_background
from bot.posting.pacing.circuit_breaker import CircuitBreaker

log = logs.get(__name__)


class DirectMessenger:
    """Writes private messages, one each, in the background."""

    def __init__(self, client: discord.Client, traffic: CircuitBreaker, clock: Clock) -> None:
        self._client = client
        self._traffic = traffic
        self._clock = clock

    async def tell(self, person: int, text: str, file: tuple[str, bytes] | None = None) -> bool:
        """Whether it is settled: the person was told, or takes no private messages. False: try again later."""
        if not self._client.is_ready() or self._traffic.wait_seconds(self._clock.monotonic()):
            return False
        files = [discord.File(io.BytesIO(file[1]), file[0])] if file else []
        try:
            async with in_background():
                channel = await self._client.create_dm(discord.Object(person))
                await channel.send(text, files=files)
        except (discord.Forbidden, discord.NotFound) as error:
            log.info("no private message can be sent", person=person, error=str(error))
        except (discord.HTTPException, discord.RateLimited, OSError, TimeoutError) as error:
            log.warning("a private message was not sent; trying again", person=person, error=str(error))
            return False
        return True
