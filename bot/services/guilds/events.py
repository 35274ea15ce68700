"""What the gateway says about guilds: rights that may be back, guilds that left or came back. It never raises."""

from collections.abc import Awaitable, Callable, Iterable

from bot import logs
from bot.clock import Clock
from bot.errors import StoreError
from bot.store import Store

log = logs.get(__name__)


class GuildEvents:
    """The client calls it.

    Args:
        on_probe: called when held channels are to be tried at once.
        welcome: called with a guild that invited the bot; may raise `StoreError`.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        on_probe: Callable[[], None],
        welcome: Callable[[int], Awaitable[None]] | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._on_probe = on_probe
        self._welcome = welcome

    async def changed(self, guild_id: int) -> None:
        """Channels, threads or rights there may have changed, or the guild is available again."""
        await self._quietly(self._probe(guild_id))

    async def joined(self, guild_id: int) -> None:
        """The bot was invited, perhaps again: what it followed goes on."""
        await self._quietly(self._store.upkeep.guild_joined(guild_id))
        await self._quietly(self._probe(guild_id))
        if self._welcome is not None:
            await self._quietly(self._welcome(guild_id))

    async def left(self, guild_id: int) -> None:
        """The bot was removed; what it followed there is kept for 30 days."""
        log.info("the bot was removed from a server; what it follows there is kept for 30 days", guild=guild_id)
        await self._quietly(self._store.upkeep.guild_left(guild_id, now=self._clock.now()))

    async def present(self, guild_ids: Iterable[int]) -> None:
        """All guilds the bot is in, also those that are unavailable: nobody told it of what happened while it was away."""
        await self._quietly(self._compare(tuple(guild_ids)))

    async def _compare(self, guild_ids: tuple[int, ...]) -> None:
        missing = await self._store.upkeep.guilds_are(guild_ids, now=self._clock.now())
        if missing:
            log.warning("the bot is not in servers that have topics; their articles wait", guilds=list(missing))
        self._on_probe()

    async def _probe(self, guild_id: int) -> None:
        if await self._store.deliveries.probe_soon(guild_id, now=self._clock.now()):
            self._on_probe()

    async def _quietly(self, work: Awaitable[None]) -> None:
        try:
            await work
        except StoreError as error:
            log.error("a server's change was not stored", error=str(error))
