"""Editing messages in the loopback Discord."""

from collections.abc import Callable
from typing import Any

from aiohttp import web

from bot.clock import Clock
from tests.wire.loopback.answers import error, reply
from tests.wire.loopback.rules import broken_rules
from tests.wire.loopback.world import Channel


class Edits:
    """The route of one message.

    Args:
        channel: the channel that a request is about, unless it was deleted.
        violations: where broken rules are noted.
    """

    def __init__(
        self,
        channel: Callable[[web.Request], Channel | None],
        clock: Clock,
        violations: list[str],
        made: Callable[[], None],
    ) -> None:
        self._channel = channel
        self._clock = clock
        self._violations = violations
        self._made = made

    async def edit(self, request: web.Request) -> web.Response:
        """PATCH: embeds, content and components are replaced as a whole, what is left out stays."""
        channel, body = self._channel(request), await request.json()
        if channel is None:
            return error(404, 10003, "Unknown Channel")
        if not channel.allows("view_channel"):
            return error(403, 50001, "Missing Access")
        found = next((each for each in channel.messages if str(each.id) == request.match_info["message"]), None)
        if found is None or found.deleted:
            return error(404, 10008, "Unknown Message")
        # Mentions are read anew only where the text is edited (resources/message#edit-message).
        quiet: dict[str, Any] = {} if "content" in body else {"allowed_mentions": {"parse": []}}
        shown = {"content": found.content, "embeds": found.embeds} | quiet | body
        if problems := broken_rules(shown):
            self._violations += problems
            return error(400, 50035, "Invalid Form Body")
        found.content = shown["content"] or ""
        found.embeds = shown["embeds"] or []
        found.components = body.get("components", found.components) or []
        found.edited_at = self._clock.now()
        self._made()
        return reply(found.as_json())
