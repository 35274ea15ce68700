"""Makes the web side: the rivers that may be read, and the server that shows them."""

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from bot.clock import Clock
from bot.config.settings import Config
from bot.errors import ConfigError
from bot.gateway.client import RiverpostBot
from bot.permissions.public_channels import PublicChannels
from bot.services.publishing.published_river import PublishedRivers
from bot.store import Store

if TYPE_CHECKING:
    from bot.web.server import WebServer


class Web:
    """Pages and feeds of what the client's servers publish."""

    def __init__(self, config: Config, store: Store, client: RiverpostBot, clock: Clock) -> None:
        self._config = config
        self._client = client
        self._clock = clock
        self._rivers = PublishedRivers(store, PublicChannels(client), config.limits, clock)
        client.services.publishing.on_change = self._rivers.changed

    async def serve(self, stack: AsyncExitStack) -> "WebServer | None":
        """Listen until the stack closes, where the configuration says so.

        Raises:
            ConfigError: the address cannot be listened on.
        """
        if not self._config.web.enabled:
            return None
        from bot.web.server import WebServer  # noqa: PLC0415 - its libraries cost memory where there are no pages

        services = self._client.services
        server = WebServer(self._rivers, self._config.web, self._clock, language=services.languages.of)
        try:
            await stack.enter_async_context(server)
        except OSError as error:
            reason = error.strerror or str(error)
            raise ConfigError(f"web.listen: {self._config.web.listen} cannot be listened on: {reason}") from error
        services.publishing.public_url = server.base_url
        return server
