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

    async def role_deleted(self, guild_id: int, role_id: int) -> None:
        """Topics that mention it mention nobody from now on, and the server's admins are told."""
        await self._quietly(self._forget_role(guild_id, role_id))

    async def check_roles(self, is_there: Callable[[int, int], bool | None], guild_id: int | None = None) -> None:
        """Look for roles that were deleted while nobody told the bot.

        Args:
            is_there: whether a guild has a role; None where nothing is known of the guild.
            guild_id: look in this one alone.
        """
        await self._quietly(self._check_roles(is_there, guild_id))

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

    async def _check_roles(self, is_there: Callable[[int, int], bool | None], guild_id: int | None) -> None:
        for guild, role in await self._store.mentions.roles(guild_id):
            if is_there(guild, role) is False:
                await self._forget_role(guild, role)

    async def _forget_role(self, guild_id: int, role_id: int) -> None:
        topics = await self._store.mentions.forget(guild_id, role_id, now=self._clock.now())
        if topics:
            log.info("topics mention nobody any more: their role was deleted", guild=guild_id, topics=list(topics))

    async def _quietly(self, work: Awaitable[None]) -> None:
        try:
            await work
        except StoreError as error:
            log.error("a server's change was not stored", error=str(error))
