"""A Discord with verbs for the loops that send: it knows channels, rights, nonces and outages, and remembers requests."""

from collections import deque
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bot.model import WHOLE_SERVER, BlockReason, MessagePayload, Post, PostKind, SendKind, SendResult
from bot.posting.pacing.rate_limiter import RateLimiter
from tests.fakes import FakeClock
from tests.wire.loopback.world import visible

NONCES_KEPT_SECONDS = 300.0
NO_ANSWER = SendResult(SendKind.UNKNOWN, reason="Discord answered 503", answered=False)


@dataclass
class Message:
    id: int
    channel_id: int
    nonce: str
    payload: MessagePayload
    at: float
    wall: float
    """By Discord's own clock, which goes on while our machine sleeps."""
    edits: list[MessagePayload] = field(default_factory=list)

    @property
    def shown(self) -> dict[str, Any]:
        return (self.edits[-1] if self.edits else self.payload).to_dict()

    @property
    def titles(self) -> list[str]:
        """As a client shows them."""
        return [embed["title"] for embed in visible(self.shown["embeds"])]

    @property
    def text(self) -> str:
        embed = self.shown["embeds"][0]
        return f"{embed['title']}\n{embed['description']}"

    @property
    def buttons(self) -> list[str]:
        return [button["custom_id"] for row in self.shown.get("components", ()) for button in row["components"]]


@dataclass(frozen=True)
class Request:
    at: float
    what: str
    channel_id: int


class FakeDiscord:
    """Is a sender, and the places where notices go. Like the real sender it waits for the budget where a request leaves."""

    def __init__(self, clock: FakeClock, budget: RateLimiter) -> None:
        self._clock = clock
        self._budget = budget
        self.requests: list[Request] = []
        self.messages: list[Message] = []
        self._down = False
        self._obstacles: dict[int, SendResult] = {}
        self._refused: dict[int, SendResult] = {}
        self._next: deque[SendResult | str] = deque()
        self._public: dict[int, tuple[int, ...] | None] = {}
        self._private: dict[int, int] = {}
        self._managed: dict[int, frozenset[int]] = {}
        self._hidden: frozenset[int] = frozenset()
        self._meanwhile: Callable[[], Awaitable[None]] | None = None

    # --- verbs of a test --------------------------------------------------------------------------

    def down(self) -> None:
        """Nothing is answered but 503."""
        self._down = True

    def up(self) -> None:
        self._down = False

    def next_sends(self, *results: SendResult | str) -> None:
        """What comes of the next sends: a result without a message, or "lost": a message whose answer is lost."""
        self._next.extend(results)

    def meanwhile(self, action: Callable[[], Awaitable[None]]) -> None:
        """What somebody does once, right after a message was read from the store and before it leaves."""
        self._meanwhile = action

    def obstruct(self, channel_id: int, reason: str, hold: BlockReason = BlockReason.ACCESS) -> None:
        """The gateway's state says that the channel cannot be used."""
        self._obstacles[channel_id] = SendResult(SendKind.NO_ACCESS, reason=reason, hold=hold)

    def obstruct_with(self, channel_id: int, result: SendResult) -> None:
        """Looking at the channel ends so."""
        self._obstacles[channel_id] = result

    def clear(self, channel_id: int) -> None:
        self._obstacles.pop(channel_id, None)
        self._refused.pop(channel_id, None)

    def refuse(self, channel_id: int, result: SendResult) -> None:
        """Every send to the channel ends so."""
        self._refused[channel_id] = result

    def notices_go_to(self, guild_id: int, *channels: int) -> None:
        self._public[guild_id] = channels

    def forget_guild(self, guild_id: int) -> None:
        """Nothing is known of the guild, so no notice can be placed."""
        self._public[guild_id] = None

    def can_write_to(self, person: int, channel_id: int) -> None:
        """The person takes private messages."""
        self._private[person] = channel_id

    def lets_manage(self, person: int, *channels: int) -> None:
        """The person manages these channels only; none if they left the server."""
        self._managed[person] = frozenset(channels)

    def hide_channel(self, channel_id: int) -> None:
        """Not everybody who reads notices sees the channel."""
        self._hidden |= {channel_id}

    def in_channel(self, channel_id: int) -> list[Message]:
        return [message for message in self.messages if message.channel_id == channel_id]

    def titles(self, channel_id: int) -> list[str]:
        return [title for message in self.in_channel(channel_id) for title in message.titles]

    def most_in_a_second(self) -> int:
        times = [request.at for request in self.requests]
        return max((sum(1 for other in times if at <= other < at + 1.0) for at in times), default=0)

    # --- the sender -------------------------------------------------------------------------------

    def ready(self) -> bool:
        return True

    def now(self) -> datetime:
        return self._clock.now()

    async def obstacle(self, channel_id: int, guild_id: int) -> SendResult | None:
        if (action := self._meanwhile) is not None:
            self._meanwhile = None
            await action()
        return self._obstacles.get(channel_id)

    async def send(self, post: Post) -> SendResult:
        await self._requested("send", post.channel_id)
        if self._down:
            return NO_ANSWER
        if post.channel_id in self._refused:
            return self._refused[post.channel_id]
        planned = self._next.popleft() if self._next else None
        if isinstance(planned, SendResult):
            return planned
        made = self._commit(post)
        return NO_ANSWER if planned == "lost" else SendResult(SendKind.POSTED, message_id=made.id)

    async def edit(self, channel_id: int, message_id: int, payload: MessagePayload) -> SendResult:
        await self._requested("edit", channel_id)
        if self._down:
            return NO_ANSWER
        for message in self.messages:
            if message.id == message_id:
                message.edits.append(payload)
                return SendResult(SendKind.POSTED, message_id=message_id)
        return SendResult(SendKind.REMOVED)

    async def find(self, post: Post, *, after: int | None) -> int | SendResult | None:
        await self._requested("find", post.channel_id)
        if self._down:
            return NO_ANSWER
        for message in self.in_channel(post.channel_id):
            if message.id > (after or 0) and _same(message, post):
                return message.id
        return None

    # --- the places -------------------------------------------------------------------------------

    def public(self, guild_id: int, chosen: int | None) -> tuple[int, ...] | None:
        known = self._public.get(guild_id, ())
        if known is None or chosen is None:
            return known
        return (chosen, *known)

    def seen_by_readers(self, _guild_id: int, _channel_id: int, channels: Collection[int]) -> frozenset[int]:
        return frozenset(channels) - self._hidden

    async def managed_by(self, _guild_id: int, person: int, channels: Collection[int]) -> frozenset[int] | None:
        if self._down:
            return None
        everything = frozenset({*channels, WHOLE_SERVER})
        return everything & self._managed.get(person, everything)

    def is_private(self, _guild_id: int, channel_id: int) -> bool:
        return channel_id in self._private.values()

    async def recipient(self, channel_id: int) -> int | None:
        return next((person for person, channel in self._private.items() if channel == channel_id), None)

    async def private(self, people: Sequence[int]) -> tuple[int, ...]:
        return tuple(self._private[person] for person in people if person in self._private)

    async def _requested(self, what: str, channel_id: int) -> None:
        await self._budget.acquire()
        self.requests.append(Request(self._clock.monotonic(), what, channel_id))

    def _commit(self, post: Post) -> Message:
        now, wall = self._clock.monotonic(), self._clock.now().timestamp()
        for message in self.in_channel(post.channel_id):
            if message.nonce == post.nonce and wall - message.wall < NONCES_KEPT_SECONDS:
                return message
        made = Message(len(self.messages) + 1, post.channel_id, post.nonce, post.payload, now, wall)
        self.messages.append(made)
        return made


def _same(message: Message, post: Post) -> bool:
    """As `posting.discord.message_match` tells it: by numbers, moments or addresses."""

    def key(embed: dict[str, Any]) -> Any:
        if post.kind is PostKind.NOTICE or post.payload.numbered:
            return embed["footer"]["text"]
        return embed.get("timestamp" if post.kind is PostKind.DIGEST else "url")

    return [key(embed) for embed in message.payload.embeds] == [key(embed) for embed in post.payload.embeds]


def rate_limited(seconds: float) -> SendResult:
    return SendResult(SendKind.NOT_SENT, reason="Discord asks to wait", retry_after_seconds=seconds)


def cloudflare(seconds: float | None = None) -> SendResult:
    return replace(rate_limited(0), retry_after_seconds=seconds, pause_all=True, answered=False)
