"""Makes the web side: the rivers that may be read, and the server that shows them."""

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from bot.clock import Clock
from bot.config.settings import Config
from bot.errors import ConfigError
from bot.gateway.client import RiverpostBot
from bot.metrics import measured
from bot.permissions.public_channels import PublicChannels
from bot.services.publishing.published_river import PublishedRivers
from bot.store import Store
from bot.store.admin import heartbeat
from bot.store.engine.database import path_of

if TYPE_CHECKING:
    from bot.web.metrics_server import Instruments
    from bot.web.server import WebServer


class Web:
    """Pages and feeds of what the client's servers publish."""

    def __init__(self, config: Config, store: Store, client: RiverpostBot, clock: Clock) -> None:
        self._config = config
        self._store = store
        self._client = client
        self._clock = clock
        self._rivers = PublishedRivers(store, PublicChannels(client), config.limits, clock)
        client.services.publishing.on_change = self._rivers.changed

    async def serve(self, stack: AsyncExitStack) -> "WebServer | None":
        """Listen until the stack closes, where the configuration says so. The server of the pages, None without pages.

        Raises:
            ConfigError: an address cannot be listened on.
        """
        settings = self._config.web
        if settings.metrics_listen is not None:
            await self._open(
                stack, "metrics_listen", settings.metrics_listen, self._instruments(settings.metrics_listen)
            )
        if not settings.enabled:
            return None
        from bot.web.server import WebServer  # noqa: PLC0415 - its libraries cost memory where there are no pages

        services = self._client.services
        server = WebServer(self._rivers, settings, self._clock, language=services.languages.of)
        await self._open(stack, "listen", settings.listen, server)
        services.publishing.public_url = server.base_url
        return server

    def _instruments(self, listen: str) -> "Instruments":
        from bot.web.metrics_server import Instruments  # noqa: PLC0415 - for the same reason

        path = path_of(self._config.store.url)
        return Instruments(
            self._store,
            measured,
            self._clock,
            listen=listen,
            problems=lambda: heartbeat.problems(path, now=self._clock.now(), within=heartbeat.HEALTHY),
            is_connected=lambda: self._client.is_connected,
        )

    async def _open(self, stack: AsyncExitStack, key: str, listen: str, server: "WebServer | Instruments") -> None:
        try:
            await stack.enter_async_context(server)
        except OSError as error:
            reason = error.strerror or str(error)
            raise ConfigError(f"web.{key}: {listen} cannot be listened on: {reason}") from error
