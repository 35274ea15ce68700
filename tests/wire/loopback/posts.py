"""Channels and their messages in the loopback Discord: reading, writing, nonces."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from itertools import chain
from typing import Any

from aiohttp import web

from bot.clock import Clock
from tests.wire.loopback.answers import error, reply
from tests.wire.loopback.doors import PrivateChannel
from tests.wire.loopback.edits import Edits
from tests.wire.loopback.rules import broken_rules, pinged_roles
from tests.wire.loopback.world import FORUMS, Channel, Guild, Message, snowflake

Route = tuple[str, str, Callable[[web.Request], Awaitable[web.StreamResponse]]]


class Posts:
    """The routes under /channels.

    Args:
        violations: where broken rules are noted.
        private: the channels with single persons.
    """

    def __init__(
        self, guilds: Sequence[Guild], clock: Clock, violations: list[str], private: Sequence[PrivateChannel] = ()
    ) -> None:
        self.nonce_window_seconds = 300.0
        self.made = asyncio.Event()
        """Set by every new message; whoever waits clears it."""
        self.repeated = 0
        """Requests that a nonce kept from making a second message."""
        self._guilds = guilds
        self._private = private
        self._clock = clock
        self._violations = violations
        self._edits = Edits(self.channel, clock, violations, self.made.set)

    def routes(self) -> tuple[Route, ...]:
        return (
            ("GET", "/channels/{channel}", self._get),
            ("POST", "/channels/{channel}/messages", self._create),
            ("GET", "/channels/{channel}/messages", self._history),
            ("PATCH", "/channels/{channel}/messages/{message}", self._edits.edit),
        )

    def channel(self, request: web.Request) -> Channel | None:
        """The channel that a request is about, unless it was deleted."""
        wanted = request.match_info.get("channel")
        channels = chain(self._private, (channel for guild in self._guilds for channel in guild.channels))
        return next((each for each in channels if str(each.id) == wanted and not each.deleted), None)

    def remove_newest(self, request: web.Request) -> None:
        """A moderator was quick."""
        channel = self.channel(request)
        if channel is not None and channel.messages:
            channel.messages[-1].deleted = True

    async def _get(self, request: web.Request) -> web.Response:
        channel = self.channel(request)
        if channel is None:
            return error(404, 10003, "Unknown Channel")
        return reply(channel.as_json()) if channel.allows("view_channel") else error(403, 50001, "Missing Access")

    async def _create(self, request: web.Request) -> web.Response:
        channel, body = self.channel(request), await request.json()
        if channel is None:
            return error(404, 10003, "Unknown Channel")
        if not channel.allows("view_channel"):
            return error(403, 50001, "Missing Access")
        if not channel.allows("send_messages"):
            return error(403, 50013, "Missing Permissions")
        if isinstance(channel, PrivateChannel) and channel.closed:
            return error(403, 50007, "Cannot send messages to this user")
        if channel.kind in FORUMS:
            return error(400, 40058, "Cannot message this channel until after making a post")
        if problems := broken_rules(body):
            self._violations += problems
            return error(400, 50035, "Invalid Form Body")
        embeds = body.get("embeds") or []
        if embeds and not channel.allows("embed_links"):
            # Embeds alone are refused (discord-api-docs#2601), beside a text they are dropped without a word.
            if not body.get("content"):
                return error(403, 50013, "Missing Permissions")
            self._violations.append("embeds sent without Embed Links")
            embeds = []
        nonce = str(body["nonce"]) if body.get("nonce") is not None else None
        if body.get("enforce_nonce") and nonce is not None and (old := self._by_nonce(channel, nonce)) is not None:
            self.repeated += 1
            return error(404, 10008, "Unknown Message") if old.deleted else reply(old.as_json())
        return reply(self._write(channel, nonce, body, embeds).as_json())

    def _by_nonce(self, channel: Channel, nonce: str) -> Message | None:
        now = self._clock.now()
        for old in reversed(channel.messages):
            if old.nonce == nonce and (now - old.created_at).total_seconds() < self.nonce_window_seconds:
                return old
        return None

    def _write(
        self, channel: Channel, nonce: str | None, body: dict[str, Any], embeds: list[dict[str, Any]]
    ) -> Message:
        made = Message(snowflake(self._clock), channel.id, nonce, body.get("content") or "", embeds, self._clock.now())
        made.mentioned_roles = pinged_roles(body)
        made.components = body.get("components") or []
        channel.messages.append(made)
        self.made.set()
        return made

    async def _history(self, request: web.Request) -> web.Response:
        channel = self.channel(request)
        if channel is None:
            return error(404, 10003, "Unknown Channel")
        if not channel.allows("view_channel"):
            return error(403, 50001, "Missing Access")
        if not channel.allows("read_message_history"):
            return reply([])
        limit = int(request.query.get("limit", "50"))
        found = [message for message in channel.messages if not message.deleted]
        if "after" in request.query:
            # Discord gives the oldest ones behind `after`, newest first.
            page = [message for message in found if message.id > int(request.query["after"])][:limit]
        else:
            before = int(request.query.get("before", "9" * 19))
            page = [message for message in found if message.id < before][-limit:]
        return reply([message.as_json() for message in reversed(page)])
