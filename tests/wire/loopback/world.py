"""What exists in the loopback Discord: guilds, channels, members, messages, and the snowflakes that name them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

import discord

from bot.clock import Clock, SystemClock

BOT_PERMISSIONS = ("view_channel", "send_messages", "embed_links", "read_message_history")
BOT_USER: dict[str, Any] = {
    "id": "900000000000000001",
    "username": "riverpost",
    "discriminator": "0",
    "global_name": None,
    "avatar": None,
    "bot": True,
    "flags": 0,
    "public_flags": 0,
    "primary_guild": None,
}
EPHEMERAL = 1 << 6
_COUNTER = count(1)
_SYSTEM = SystemClock()


def snowflake(clock: Clock = _SYSTEM) -> int:
    """Unique and recent: discord.py computes the age of an interaction from it."""
    return discord.utils.time_snowflake(clock.now()) + next(_COUNTER)


@dataclass
class Message:
    id: int
    channel_id: int
    nonce: str | None
    content: str
    embeds: list[dict[str, Any]]
    created_at: datetime
    deleted: bool = False
    components: list[dict[str, Any]] = field(default_factory=list)
    flags: int = 0
    edited_at: datetime | None = None
    application_id: str | None = None
    """Of the application whose interaction it answers."""

    @property
    def ephemeral(self) -> bool:
        return bool(self.flags & EPHEMERAL)

    def as_json(self) -> dict[str, Any]:
        answered = {} if self.application_id is None else {"application_id": self.application_id}
        nonce = {} if self.nonce is None else {"nonce": self.nonce}
        return {
            "id": str(self.id),
            "channel_id": str(self.channel_id),
            "author": BOT_USER,
            "content": self.content,
            "timestamp": self.created_at.astimezone(UTC).isoformat(),
            "edited_timestamp": self.edited_at.astimezone(UTC).isoformat() if self.edited_at else None,
            "tts": False,
            "mention_everyone": False,
            "mentions": [],
            "mention_roles": [],
            "attachments": [],
            "embeds": [{"type": "rich"} | embed for embed in self.embeds],
            "pinned": False,
            "type": 0,
            "flags": self.flags,
            "components": list(numbered(self.components)),
            **nonce,
            **answered,
        }


def numbered(components: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Components as Discord gives them back: each has a number, unique in its message."""
    for row, outer in enumerate(components, 1):
        inner = outer.get("components") or []
        yield outer | {"id": row * 100, "components": [each | {"id": row * 100 + n} for n, each in enumerate(inner, 1)]}


def everyone_may() -> int:
    """What @everyone, and so the bot, may do in a guild unless a channel denies it."""
    return discord.Permissions(**dict.fromkeys(BOT_PERMISSIONS, True)).value


@dataclass(frozen=True)
class Member:
    """A person in a guild; `permissions` are hers in every channel, beyond what everyone has."""

    id: int
    name: str
    permissions: frozenset[str]

    @property
    def permission_bits(self) -> int:
        return everyone_may() | discord.Permissions(**dict.fromkeys(self.permissions, True)).value

    def user_json(self) -> dict[str, Any]:
        return {key: value for key, value in BOT_USER.items() if key != "bot"} | {
            "id": str(self.id),
            "username": self.name,
        }

    def as_json(self) -> dict[str, Any]:
        return member_json(self.user_json()) | {"permissions": str(self.permission_bits)}


@dataclass
class Channel:
    id: int
    guild_id: int
    name: str
    denied: set[str] = field(default_factory=set)
    deleted: bool = False
    messages: list[Message] = field(default_factory=list)

    def allows(self, permission: str) -> bool:
        """Whether the bot may; without View Channel it may nothing, without Send Messages no embeds."""
        needs = {"view_channel", permission} | ({"send_messages"} if permission == "embed_links" else set())
        return not needs & self.denied

    def as_json(self) -> dict[str, Any]:
        deny = discord.Permissions(**dict.fromkeys(self.denied, True)).value
        overwrites = [{"id": BOT_USER["id"], "type": 1, "allow": "0", "deny": str(deny)}] if deny else []
        return {
            "id": str(self.id),
            "type": 0,
            "guild_id": str(self.guild_id),
            "name": self.name,
            "position": 0,
            "permission_overwrites": overwrites,
            "nsfw": False,
            "topic": None,
            "parent_id": None,
            "last_message_id": None,
            "rate_limit_per_user": 0,
            "flags": 0,
        }


@dataclass
class Guild:
    id: int
    name: str
    channels: list[Channel] = field(default_factory=list)
    unavailable: bool = False

    def text_channel(self, name: str) -> Channel:
        made = Channel(snowflake(), self.id, name)
        self.channels.append(made)
        return made

    def member(self, name: str, *permissions: str) -> Member:
        """A person, with rights such as "manage_channels" beyond what everyone has here."""
        return Member(snowflake(), name, frozenset(permissions))

    def as_json(self) -> dict[str, Any]:
        role = {
            "id": str(self.id),
            "name": "@everyone",
            "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False,
            "position": 0,
            "permissions": str(everyone_may()),
            "managed": False,
            "mentionable": False,
            "flags": 0,
        }
        return {
            "id": str(self.id),
            "name": self.name,
            "owner_id": "1",
            "icon": None,
            "splash": None,
            "discovery_splash": None,
            "afk_timeout": 300,
            "afk_channel_id": None,
            "verification_level": 0,
            "default_message_notifications": 0,
            "explicit_content_filter": 0,
            "roles": [role],
            "emojis": [],
            "stickers": [],
            "features": [],
            "mfa_level": 0,
            "system_channel_id": None,
            "system_channel_flags": 0,
            "premium_tier": 0,
            "preferred_locale": "en-US",
            "nsfw_level": 0,
            "member_count": 2,
            "large": False,
            "joined_at": "2026-01-01T00:00:00+00:00",
            "members": [member_json(BOT_USER)],
            "channels": [channel.as_json() for channel in self.channels if not channel.deleted],
            "threads": [],
            "presences": [],
            "voice_states": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
        }


def member_json(user: dict[str, Any]) -> dict[str, Any]:
    return {
        "user": user,
        "roles": [],
        "joined_at": "2026-01-01T00:00:00+00:00",
        "deaf": False,
        "mute": False,
        "flags": 0,
    }


def titles(messages: Iterable[Message]) -> list[str]:
    """The titles of all embeds, in the order in which people read them."""
    return [embed["title"] for message in messages for embed in message.embeds]
