"""The language of what stands in a guild's channels: its admins' choice, else what Discord says of the guild."""

from collections.abc import Callable

from bot.clock import Clock
from bot.errors import UserError
from bot.i18n.translation import _, languages
from bot.store import Store

REMEMBERED_SECONDS = 60.0
MAX_REMEMBERED = 10_000
"""With as many, all are asked for again."""


class Languages:
    """Asked for every message, so it remembers the answer for a minute.

    Args:
        of_discord: the language that Discord says the guild prefers, None where nothing is known of it. Only Community
            servers can set it: for all others Discord says American English.
    """

    def __init__(self, store: Store, clock: Clock, *, of_discord: Callable[[int], str | None]) -> None:
        self._store = store
        self._clock = clock
        self._of_discord = of_discord
        self._chosen: dict[int, tuple[float, str | None]] = {}

    async def of(self, guild_id: int) -> str | None:
        """As Discord names it; None where nobody knows.

        Raises:
            StoreError: the database did not answer.
        """
        now = self._clock.monotonic()
        when, chosen = self._chosen.get(guild_id, (now - REMEMBERED_SECONDS, None))
        if when <= now - REMEMBERED_SECONDS:
            chosen = await self._store.guilds.language(guild_id)
            if len(self._chosen) >= MAX_REMEMBERED:
                self._chosen.clear()
            self._chosen[guild_id] = (now, chosen)
        return chosen or self._of_discord(guild_id)

    async def chosen(self, guild_id: int) -> str | None:
        """What the guild's admins chose."""
        return await self._store.guilds.language(guild_id)

    async def choose(self, guild_id: int, language: str | None) -> None:
        """None goes back to what Discord says of the guild."""
        if language is not None and language not in languages():
            raise UserError(_("I do not speak that language. Choose one from the list that appears while you type."))
        await self._store.guilds.choose_language(guild_id, language)
        self._chosen.pop(guild_id, None)
