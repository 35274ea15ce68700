"""The page: one made-up server with a channel in simcord, shown to the person who manages it.

simcord plays Discord inside this process. What is touched of it beyond its documented interface (its calendar and its
list of subscribers) is why it is pinned exactly.
"""

import asyncio
import contextlib
import contextvars
from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime
from typing import Any, ParamSpec, TypeVar

import discord
import simcord
from simcord._clock import Clock as Calendar
from simcord.backend.errors import SetupError
from simcord.preview import Preview

from bot import logs
from bot.clock import Clock

log = logs.get(__name__)

SETTLE_SECONDS = 60.0
"""How long a command may take: /subscribe reads a site that may be slow."""
CLOSE_SECONDS = 4.0
CALM_SECONDS = 0.3
"""Posts within this time are shown together."""
SHOWN = {"MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE", "CHANNEL_UPDATE", "GUILD_UPDATE"}


P = ParamSpec("P")
T = TypeVar("T")


def outside(work: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """`work` with the machine's own clock and timers, also when a command calls it."""

    async def run(*args: P.args, **kwargs: P.kwargs) -> T:
        # simcord knows a command's work by the context it runs in; an empty one is not a command's.
        start = asyncio.get_running_loop().create_task
        task: asyncio.Task[T] = contextvars.Context().run(start, work(*args, **kwargs))
        return await task

    return run


class WallCalendar(Calendar):
    """simcord's calendar starts in January and stands still; messages shall have the time of their sending."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def now(self) -> datetime:
        return self._clock.now()


class Stage:
    """Discord as the bot sees it, and the page as a person sees it. `close` may be called at any time, once or more."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._env: simcord.Env | None = None
        self._preview: Preview | None = None
        self._changed = asyncio.Event()
        self._refreshing: asyncio.Task[None] | None = None

    async def connect(self, client: discord.AutoShardedClient) -> tuple[int, int]:
        """Log the client in to a server with one channel. The ids of both."""
        env = simcord.Env(client, shard_count=1, check_errors=False, settle_timeout=SETTLE_SECONDS)
        env.backend.clock = WallCalendar(self._clock)
        env.backend.bot_user.name = "Riverpost"
        self._env = env
        answer = client.tree.on_error  # type: ignore[attr-defined]
        # Not simcord.run(): it would turn the clocks of everything started later into simcord's.
        await env.start()
        # simcord takes a command that is answered with what a person can put right for a failed one, and the page says
        # that the bot is broken. The bot answers and logs its errors itself.
        client.tree.on_error = answer  # type: ignore[attr-defined]
        self._guild = env.create_guild("Riverpost sandbox")
        self._channel = self._guild.create_text_channel("news", topic="Articles as they come out")
        manager = self._guild.create_role("Manager", permissions=discord.Permissions.all())
        self._you = self._guild.add_member(env.create_user("you", global_name="You"), roles=[manager])
        self._guide = self._guild.add_member(env.create_user("guide", global_name="Sandbox guide"))
        await client.tree.sync()  # type: ignore[attr-defined]
        # The page shows the mention of a command in an embed as its bare number; without one the bot writes its name.
        client.tree.published = {}  # type: ignore[attr-defined]
        await env.settle()
        env.backend.subscribers.append(self._seen)
        return self._guild.id, self._channel.id

    async def explain(self, text: str) -> None:
        """Say something in the channel, as somebody else than the bot."""
        await self._guide.send(self._channel, text)

    async def open(self, *, pictures: Mapping[str, tuple[str, bytes]], port: int) -> str:
        """Serve the page; `pictures` are shown by address, every other picture stays a grey box. The page's address.

        It is opened before anything is said: a page that opens on a message stays there and does not follow.

        Raises:
            OSError: the port is taken.
        """
        assert self._env is not None
        preview = self._env.preview(self._channel, viewers=[self._you], layout="channel", assets=pictures, port=port)
        try:
            await preview.__aenter__()
        except SetupError as error:
            raise OSError(f"The page cannot be opened: {error}.") from error
        self._preview = preview
        self._refreshing = asyncio.create_task(self._refresh(), name="page")
        return preview.url

    async def close(self) -> None:
        if self._refreshing is not None:
            self._refreshing.cancel()
            await asyncio.gather(self._refreshing, return_exceptions=True)
            self._refreshing = None
        # A command that still waits for a slow site is not waited for.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                if self._preview is not None:
                    await self._preview.close()
                if self._env is not None:
                    await self._env.shutdown()
        self._preview = self._env = None

    def _seen(self, event: str, _: Any) -> None:
        if event in SHOWN:
            self._changed.set()

    async def _refresh(self) -> None:
        """Simcord shows what a command did by itself; what the loops post has to be asked for."""
        assert self._preview is not None
        while True:
            await self._changed.wait()
            await asyncio.sleep(CALM_SECONDS)
            self._changed.clear()
            # While a command runs the page is taken, and when it ends the page is drawn anyway, maybe too early.
            try:
                await self._preview.refresh()
            except SetupError:
                self._changed.set()
            except TimeoutError as error:
                log.warning("the page was not refreshed", error=str(error).partition("\n")[0])
            except Exception:
                log.exception("the page was not refreshed")
