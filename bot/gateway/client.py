"""The Discord client: guild events only, no mentions, commands that always answer."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any

import aiohttp
import discord
import yarl
from discord import app_commands
from discord.ext import commands
from discord.gateway import DiscordWebSocket

from bot import logs
from bot.errors import UserError
from bot.gateway.command_translation import CommandTranslator
from bot.gateway.view_store import BARRED_EVENT, EVENT, ReportingViewStore
from bot.i18n import translation
from bot.i18n.translation import _
from bot.permissions.readable_topics import Access
from bot.posting.discord.own_member import permissions_in
from bot.services import Services
from bot.services.guilds.events import GuildEvents

log = logs.get(__name__)

EXTENSIONS = (
    "cogs.topic.cog",
    "cogs.source.cog",
    "cogs.source.management",
    "cogs.read.cog",
    "cogs.status.cog",
    "cogs.status.notice_buttons",
    "cogs.help.cog",
    "cogs.topic.welcome",
    "cogs.topic.packs",
    "cogs.filter.cog",
    "cogs.read.why",
    "cogs.saved.cog",
    "cogs.follow.cog",
    "cogs.follow.forget",
    "cogs.transfer.cog",
    "cogs.topic.stats",
    "cogs.ui.expired_views",
)
OFFICIAL_API = "https://discord.com/api/v10"
HANDLER = "discord.py: on_"
HANDLER_SECONDS = 1.0
"""They only store a few rows."""
MAX_RATELIMIT_SECONDS = 30.0
"""A longer wait comes back as `discord.RateLimited`, so that it is stored and not slept through. The least it may be."""

discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # it never speaks: nobody needs the advice

Reporter = Callable[[discord.Interaction[Any], Exception], Awaitable[None]]


def _barred() -> str:
    return _("This server may not use me: whoever runs me decided so. I leave it now.")


class AnsweringTree(app_commands.CommandTree["RiverpostBot"]):
    """A command tree in which no error stays without an answer; the cogs say how it is worded."""

    reporter: Reporter | None = None
    published: Mapping[str, int] = MappingProxyType({})
    """The ids of the commands by their names, once Discord has told them: they make a command's name a link."""

    async def sync(self, *, guild: discord.abc.Snowflake | None = None) -> list[app_commands.AppCommand]:
        listed = await super().sync(guild=guild)
        if guild is None:
            self.published = {each.name: each.id for each in listed}
        return listed

    async def interaction_check(self, interaction: discord.Interaction["RiverpostBot"], /) -> bool:
        """Answer every command of a server that may not use the bot with that."""
        if interaction.guild_id is None or interaction.client.may_be_used_in(interaction.guild_id):
            return True
        if interaction.type is not discord.InteractionType.autocomplete:
            await self.refuse(interaction)
        return False

    async def refuse(self, interaction: discord.Interaction["RiverpostBot"]) -> None:
        """Say that the server may not use the bot."""
        if self.reporter is not None:
            await self.reporter(interaction, UserError(_barred()))

    async def on_error(
        self, interaction: discord.Interaction["RiverpostBot"], error: app_commands.AppCommandError, /
    ) -> None:
        cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
        if self.reporter is not None:
            await self.reporter(interaction, cause)
        else:
            log.error("a command failed", exc_info=cause)


class RiverpostBot(commands.AutoShardedBot):
    """The bot as Discord sees it. It starts no loops: `bot.app` does, once it is made.

    Args:
        api_url: where Discord's REST interface is; the gateway is what it says there.
        guild_events: told what happens to guilds.
        on_connected: called when the gateway is connected, for the first time or again.
        permits: whether whoever runs the bot lets a server use it.
        http_trace: sees every request, see `bot.posting.discord.request_monitor`.
    """

    def __init__(
        self,
        *,
        api_url: str = OFFICIAL_API,
        services: Services,
        permits: Callable[[int], bool],
        guild_events: GuildEvents | None = None,
        on_connected: Callable[[], Awaitable[None]] | None = None,
        http_trace: aiohttp.TraceConfig | None = None,
    ) -> None:
        options: dict[str, Any] = {} if http_trace is None else {"http_trace": http_trace}
        super().__init__(
            command_prefix=(),
            help_command=None,
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            tree_cls=AnsweringTree,
            # What is installed to a person's account alone sees no server: only commands that say so are there.
            allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
            max_ratelimit_timeout=MAX_RATELIMIT_SECONDS,
            chunk_guilds_at_startup=False,
            member_cache_flags=discord.MemberCacheFlags.none(),
            **options,
        )
        self.services = services
        self.access = Access(self, services.topics)
        self._api_url = api_url.rstrip("/")
        self._guild_events = guild_events
        self._permits = permits
        self._leaving: set[int] = set()
        self._told: set[int] = set()
        """Servers in which was said that they may not use the bot, until it is out of them."""
        self._connected = on_connected
        self.views = ReportingViewStore(
            self._connection, lambda interaction: self.dispatch(EVENT, interaction), self._refuses
        )
        self._connection._view_store = self.views  # noqa: SLF001 - discord.py has no other place to ask for one's own
        self._speak_the_readers_language()

    def _speak_the_readers_language(self) -> None:
        """Commands, buttons, menus, modals and what is offered while typing run in tasks that this call starts.

        Each of them takes the language along; discord.py has no hook that all of them pass.
        """
        parsers = self._connection.parsers
        begin = parsers["INTERACTION_CREATE"]

        def begin_speaking(data: Any) -> None:
            with translation.speaking(data.get("locale")):
                begin(data)

        parsers["INTERACTION_CREATE"] = begin_speaking

    def may_be_used_in(self, guild_id: int) -> bool:
        """Whether whoever runs the bot lets a server use it."""
        return self._permits(guild_id)

    def _refuses(self, interaction: discord.Interaction[Any]) -> bool:
        """Whether what was pressed is of a server that may not use the bot, and is answered so."""
        if interaction.guild_id is None or self.may_be_used_in(interaction.guild_id):
            return False
        self.dispatch(BARRED_EVENT, interaction)
        return True

    async def on_barred_press(self, interaction: discord.Interaction["RiverpostBot"]) -> None:
        """Answer buttons, menus and forms there as commands are."""
        assert isinstance(self.tree, AnsweringTree)
        await self.tree.refuse(interaction)

    def language_of(self, guild_id: int) -> str | None:
        """What Discord says a guild prefers; None where nothing is known of it."""
        guild = self.get_guild(guild_id)
        return str(guild.preferred_locale.value) if guild is not None else None

    async def setup_hook(self) -> None:
        await asyncio.to_thread(translation.prepare, [str(locale.value) for locale in discord.Locale])
        await self.tree.set_translator(CommandTranslator())
        for extension in EXTENSIONS:
            if extension not in self.extensions:
                await self.load_extension(extension)

    async def login(self, token: str) -> None:
        """Log in at `api_url`.

        Raises:
            discord.LoginFailure: the token is wrong.
            discord.HTTPException, aiohttp.ClientError: Discord cannot be reached; it may be called again.
        """
        if self._api_url != OFFICIAL_API:
            discord.http.Route.BASE = self._api_url
        # discord.py makes a session per attempt and leaves that of the last one behind, which is complained of later.
        left = getattr(self.http, "_HTTPClient__session", None)
        if left:
            left.detach()
        await super().login(token)
        if self._api_url != OFFICIAL_API:
            # discord.py falls back on its own address after op 9, whatever /gateway/bot says.
            answer = await self.http.request(discord.http.Route("GET", "/gateway/bot"))
            DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(answer["url"])

    async def close(self) -> None:
        """Disconnect, and let what events had begun come to its end: none of it may find the database closed."""
        # discord.py may still tell of a guild, or that it is ready, when it is closed already.
        self._guild_events = self._connected = None
        await super().close()
        this = asyncio.current_task()
        # discord.py keeps no list of these, but names them.
        handlers = [task for task in asyncio.all_tasks() if task is not this and task.get_name().startswith(HANDLER)]
        if handlers:
            _, late = await asyncio.wait(handlers, timeout=HANDLER_SECONDS)
            for task in late:
                task.cancel()

    @property
    def is_connected(self) -> bool:
        """Whether the gateway is there."""
        return self.is_ready() and not self.is_closed()

    async def on_ready(self) -> None:
        if self._guild_events is not None:
            await self._guild_events.present(guild.id for guild in self.guilds if self._permits(guild.id))
            await self._guild_events.check_roles(self._has_role)
        for guild in list(self.guilds):
            try:
                await self._turn_away(guild)
            except Exception:
                log.exception("a server could not be looked at; the others go on", guild=guild.id)
        await self._is_connected()

    def _has_role(self, guild_id: int, role_id: int) -> bool | None:
        guild = self.get_guild(guild_id)
        return None if guild is None or guild.unavailable else guild.get_role(role_id) is not None

    async def on_shard_resumed(self, _shard_id: int) -> None:
        await self._is_connected()

    async def _is_connected(self) -> None:
        if self._connected is not None:
            await self._connected()

    async def _changed(self, guild: discord.Guild) -> None:
        if self._guild_events is not None:
            await self._guild_events.changed(guild.id)

    async def _turn_away(self, guild: discord.Guild) -> bool:
        """Say once in a server that may not use the bot that it may not, and leave it. Whether it is one.

        One that is unavailable is left when it is there again: nothing can be said in it before.
        """
        if self._permits(guild.id):
            return False
        # At a start, discord.py tells of each server by itself and then of all.
        if guild.unavailable or guild.id in self._leaving:
            return True
        self._leaving.add(guild.id)
        try:
            await self._leave(guild)
        finally:
            self._leaving.discard(guild.id)
        return True

    async def _leave(self, guild: discord.Guild) -> None:
        log.warning("the bot leaves a server that may not use it", guild=guild.id)
        with translation.speaking(self.language_of(guild.id)):
            text = _barred()
        channels = [*([guild.system_channel] if guild.system_channel else []), *guild.text_channels]
        open_channels = [each for each in channels if permissions_in(each).send_messages]
        try:
            if open_channels and guild.id not in self._told:
                await open_channels[0].send(text)
                self._told.add(guild.id)
        except (discord.HTTPException, discord.RateLimited, aiohttp.ClientError, OSError) as error:
            log.info("a server was not told that it may not use the bot", guild=guild.id, error=str(error))
        try:
            await guild.leave()
        except (discord.HTTPException, discord.RateLimited, aiohttp.ClientError, OSError) as error:
            log.warning("a server was not left; trying again at the next connection", guild=guild.id, error=str(error))

    async def on_guild_join(self, guild: discord.Guild) -> None:
        self._told.discard(guild.id)
        if await self._turn_away(guild):
            return
        if self._guild_events is not None:
            await self._guild_events.joined(guild.id)

    async def on_guild_available(self, guild: discord.Guild) -> None:
        if not await self._turn_away(guild):
            await self._changed(guild)
            if self._guild_events is not None:
                await self._guild_events.check_roles(self._has_role, guild.id)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        self._told.discard(guild.id)
        if self._guild_events is not None:
            await self._guild_events.left(guild.id)

    async def on_guild_channel_create(self, channel: discord.abc.GuildChannel) -> None:
        await self._changed(channel.guild)

    async def on_guild_channel_update(self, _before: object, after: discord.abc.GuildChannel) -> None:
        await self._changed(after.guild)

    async def on_raw_thread_update(self, payload: discord.RawThreadUpdateEvent) -> None:
        # An archived thread is in nobody's state, so that only the raw event comes for it.
        if self._guild_events is not None:
            await self._guild_events.changed(payload.guild_id)

    async def on_guild_role_update(self, _before: object, after: discord.Role) -> None:
        await self._changed(after.guild)

    async def on_guild_role_delete(self, role: discord.Role) -> None:
        if self._guild_events is not None:
            await self._guild_events.role_deleted(role.guild.id, role.id)
        await self._changed(role.guild)

    async def on_member_update(self, _before: object, after: discord.Member) -> None:
        await self._changed(after.guild)
