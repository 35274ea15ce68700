"""What is special about kinds of channels in the loopback Discord: forum posts, threads, publishing, webhooks."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from bot.clock import Clock
from tests.wire.loopback.answers import error, reply
from tests.wire.loopback.posts import Posts, Route
from tests.wire.loopback.rules import broken_rules, pinged_roles
from tests.wire.loopback.world import ANNOUNCEMENT, BOT_USER, FORUMS, Channel, Guild, Message, snowflake

CROSSPOSTED = 1 << 0
MAX_PUBLISHED = 10
MAX_TAGS = 5


@dataclass
class Webhook:
    id: int
    channel: Channel
    name: str
    is_broken: bool = False
    """Listed, but refused when it is used."""

    @property
    def token(self) -> str:
        return f"hook-{self.id}"

    def as_json(self) -> dict[str, Any]:
        return {
            "id": str(self.id),
            "type": 1,
            "guild_id": str(self.channel.guild_id),
            "channel_id": str(self.channel.id),
            "user": BOT_USER,
            "name": self.name,
            "avatar": None,
            "token": self.token,
            "application_id": BOT_USER["id"],
        }


class Kinds:
    """Routes beside those of plain messages.

    Args:
        dispatch: sends an event to the bot over the gateway.
    """

    def __init__(
        self,
        guilds: Sequence[Guild],
        posts: Posts,
        clock: Clock,
        violations: list[str],
        dispatch: Callable[[str, dict[str, Any]], Awaitable[None]],
    ) -> None:
        self.max_active_threads = 1000
        """Of a guild, see topics/threads."""
        self.webhooks: list[Webhook] = []
        self.published: list[tuple[Channel, datetime]] = []
        """When something of which channel was published."""
        self._guilds = guilds
        self._posts = posts
        self._clock = clock
        self._violations = violations
        self._dispatch = dispatch

    def routes(self) -> tuple[Route, ...]:
        message, hook = "/channels/{channel}/messages/{message}", r"/webhooks/{webhook:\d+}/{token:hook-\d+}"
        return (
            ("POST", "/channels/{channel}/threads", self._create_post),
            ("POST", f"{message}/threads", self._create_thread),
            ("POST", f"{message}/crosspost", self._publish),
            ("GET", message, self._message),
            ("GET", "/guilds/{guild}/threads/active", self._active),
            ("GET", "/channels/{channel}/threads/archived/public", self._archived),
            ("GET", "/channels/{channel}/webhooks", self._list_webhooks),
            ("POST", "/channels/{channel}/webhooks", self._create_webhook),
            ("POST", hook, self._execute),
            ("PATCH", f"{hook}/messages/{{message}}", self._edit),
        )

    # --- threads ----------------------------------------------------------------------------------

    async def _create_post(self, request: web.Request) -> web.Response:
        forum, body = self._posts.channel(request), await request.json()
        if forum is None or forum.kind not in FORUMS:
            return error(404, 10003, "Unknown Channel")
        if not forum.allows("send_messages"):
            return error(403, 50013, "Missing Permissions")
        if self._is_full(forum):
            return error(400, 160006, "Maximum number of active threads has been reached")
        wanted = body.get("applied_tags") or []
        tags = [tag for tag in forum.tags if tag["id"] in wanted]
        if forum.requires_tag and not wanted:
            return error(400, 40067, "A tag is required to create a forum post in this channel")
        problems = broken_rules(body["message"])
        if len(tags) != len(wanted) or len(tags) > MAX_TAGS or any(tag["moderated"] for tag in tags):
            problems.append("tags that cannot be set")
        if not 1 <= len(body["name"].strip()) <= 100:
            problems.append("a name of 1 to 100 characters")
        if problems:
            self._violations += problems
            return error(400, 50035, "Invalid Form Body")
        made = self._thread(forum, snowflake(self._clock), body["name"], tags)
        first = Message(
            made.id, made.id, None, body["message"].get("content") or "", body["message"]["embeds"], self._clock.now()
        )
        first.mentioned_roles = pinged_roles(body["message"])
        first.components = body["message"].get("components") or []
        made.messages.append(first)
        await self._tell(made)
        return reply(made.as_json() | {"message": first.as_json()}, status=201)

    async def _create_thread(self, request: web.Request) -> web.Response:
        found, body = self._find(request), await request.json()
        if isinstance(found, web.Response):
            return found
        channel, message = found
        if any(each.id == message.id for guild in self._guilds for each in guild.channels):
            return error(400, 160004, "A thread has already been created for this message")
        if self._is_full(channel):
            code = 160007 if channel.kind == ANNOUNCEMENT else 160006
            return error(400, code, "Maximum number of active threads has been reached")
        made = self._thread(channel, message.id, body["name"], [])
        await self._tell(made)
        return reply(made.as_json(), status=201)

    def _is_full(self, parent: Channel) -> bool:
        guild = next(each for each in self._guilds if each.id == parent.guild_id)
        active = [each for each in guild.channels if each.is_thread and not each.archived and not each.deleted]
        return len(active) >= self.max_active_threads

    def _thread(self, parent: Channel, number: int, name: str, tags: list[dict[str, Any]]) -> Channel:
        kind = 10 if parent.kind == ANNOUNCEMENT else 11
        made = Channel(number, parent.guild_id, name, kind=kind, tags=tags, parent_id=parent.id)
        next(guild for guild in self._guilds if guild.id == parent.guild_id).channels.append(made)
        return made

    async def _tell(self, thread: Channel) -> None:
        self._posts.made.set()
        await self._dispatch("THREAD_CREATE", thread.as_json() | {"newly_created": True})

    async def _message(self, request: web.Request) -> web.Response:
        found = self._find(request)
        return found if isinstance(found, web.Response) else reply(found[1].as_json())

    async def _active(self, request: web.Request) -> web.Response:
        guild = next(each for each in self._guilds if str(each.id) == request.match_info["guild"])
        found = [each for each in guild.channels if each.is_thread and not each.archived and not each.deleted]
        return reply({"threads": [each.as_json() for each in found], "members": [], "has_more": False})

    async def _archived(self, request: web.Request) -> web.Response:
        parent = request.match_info["channel"]
        found = [each for guild in self._guilds for each in guild.channels if str(each.parent_id) == parent]
        shown = [each.as_json() for each in found if each.archived and not each.deleted]
        return reply({"threads": shown[::-1], "members": [], "has_more": False})

    # --- publishing -------------------------------------------------------------------------------

    async def _publish(self, request: web.Request) -> web.Response:
        found = self._find(request)
        if isinstance(found, web.Response):
            return found
        channel, message = found
        if channel.kind != ANNOUNCEMENT:
            return error(400, 50024, "Cannot execute action on this channel type")
        if message.flags & CROSSPOSTED:
            return error(400, 40033, "This message has already been crossposted")
        an_hour_ago = self._clock.now() - timedelta(hours=1)
        lately = [at for where, at in self.published if where is channel and at > an_hour_ago]
        if len(lately) >= MAX_PUBLISHED:
            answer = reply(
                {"message": "rate limited", "code": 20028, "retry_after": 1163.097, "global": False}, status=429
            )
            answer.headers.update({"Via": "1.1 google", "X-RateLimit-Scope": "shared", "Retry-After": "1"})
            return answer
        self.published.append((channel, self._clock.now()))
        message.flags |= CROSSPOSTED
        self._posts.made.set()
        return reply(message.as_json())

    # --- webhooks ---------------------------------------------------------------------------------

    async def _list_webhooks(self, request: web.Request) -> web.Response:
        channel = self._posts.channel(request)
        if channel is None or "manage_webhooks" not in channel.granted:
            return error(403, 50013, "Missing Permissions")
        return reply([each.as_json() for each in self.webhooks if each.channel is channel])

    async def _create_webhook(self, request: web.Request) -> web.Response:
        channel, body = self._posts.channel(request), await request.json()
        if channel is None or "manage_webhooks" not in channel.granted:
            return error(403, 50013, "Missing Permissions")
        made = Webhook(snowflake(self._clock), channel, body["name"])
        self.webhooks.append(made)
        return reply(made.as_json())

    async def _execute(self, request: web.Request) -> web.Response:
        webhook, body = self._webhook(request), await request.json()
        if webhook is None:
            return error(404, 10015, "Unknown Webhook")
        problems = broken_rules(body)
        name = body.get("username") or webhook.name
        if any(word in name.casefold() for word in ("discord", "clyde")) or name.casefold() in {"everyone", "here"}:
            problems.append(f"a webhook called {name}")
        if not 1 <= len(name) <= 80:
            problems.append("a webhook's name of 1 to 80 characters")
        if problems:
            self._violations += problems
            return error(400, 50035, "Invalid Form Body")
        made = Message(
            snowflake(self._clock),
            webhook.channel.id,
            None,
            body.get("content") or "",
            body["embeds"],
            self._clock.now(),
            application_id=BOT_USER["id"],
            webhook_id=webhook.id,
            username=name,
            avatar_url=body.get("avatar_url"),
            mentioned_roles=pinged_roles(body),
        )
        webhook.channel.messages.append(made)
        self._posts.made.set()
        return reply(made.as_json()) if request.query.get("wait") else web.Response(status=204)

    async def _edit(self, request: web.Request) -> web.Response:
        webhook, body = self._webhook(request), await request.json()
        if webhook is None:
            return error(404, 10015, "Unknown Webhook")
        for message in webhook.channel.messages:
            if str(message.id) == request.match_info["message"] and message.webhook_id == webhook.id:
                message.embeds, message.edited_at = body["embeds"], self._clock.now()
                self._posts.made.set()
                return reply(message.as_json())
        return error(404, 10008, "Unknown Message")

    def _webhook(self, request: web.Request) -> Webhook | None:
        number, token = request.match_info["webhook"], request.match_info["token"]
        found = next((each for each in self.webhooks if str(each.id) == number and each.token == token), None)
        return None if found is None or found.is_broken else found

    def _find(self, request: web.Request) -> tuple[Channel, Message] | web.Response:
        channel = self._posts.channel(request)
        if channel is None:
            return error(404, 10003, "Unknown Channel")
        for message in channel.messages:
            if str(message.id) == request.match_info["message"] and not message.deleted:
                return channel, message
        return error(404, 10008, "Unknown Message")
