"""The welcome: one message in a guild that invited the bot for the first time. It is sent as a notice is."""

import uuid
from collections.abc import Callable
from typing import Protocol

from bot import logs
from bot.clock import Clock
from bot.i18n.translation import speaking
from bot.messages import welcome
from bot.services.guilds.languages import Languages
from bot.store import Store

log = logs.get(__name__)


class Doors(Protocol):
    """Knows a guild's channels, see `posting.discord.reachable_channels`."""

    def door(self, guild_id: int) -> int | None: ...


class Welcoming:
    """Plans the message; the notices' loop sends it once, also if the process ends in between.

    Args:
        on_planned: called when there is one to send.
    """

    def __init__(
        self, store: Store, places: Doors, languages: Languages, clock: Clock, *, on_planned: Callable[[], None]
    ) -> None:
        self._store = store
        self._places = places
        self._languages = languages
        self._clock = clock
        self._on_planned = on_planned

    async def joined(self, guild_id: int) -> None:
        """The guild invited the bot. Where it may write nowhere, the guild is welcomed the next time.

        Raises:
            StoreError: nothing was planned.
        """
        channel_id = self._places.door(guild_id)
        if channel_id is None:
            log.info("the bot may write nowhere in a server that invited it", guild=guild_id)
            return
        nonce = uuid.uuid4().hex[:25]
        with speaking(await self._languages.of(guild_id)):
            payload = welcome.payload(number=nonce[:6])
        if await self._store.guilds.welcome(
            guild_id, channel_id=channel_id, nonce=nonce, payload=payload, now=self._clock.now()
        ):
            self._on_planned()
