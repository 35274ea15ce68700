"""What exists in the loopback Discord: guilds, channels, members, messages, and the snowflakes that name them."""

import functools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

import discord
from yarl import URL

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
TEXT, ANNOUNCEMENT, FORUM, MEDIA = 0, 5, 15, 16
FORUMS = frozenset({FORUM, MEDIA})
THREADS = frozenset({10, 11, 12})
REQUIRE_TAG = 1 << 4
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
    """Of the application whose interaction it answers, or whose webhook wrote it."""
    webhook_id: int | None = None
    username: str | None = None
    """Under which a webhook wrote it."""
    avatar_url: str | None = None
    mentioned_roles: list[str] = field(default_factory=list)
    """Those that were really pinged."""

    @property
    def ephemeral(self) -> bool:
        return bool(self.flags & EPHEMERAL)

    def as_json(self) -> dict[str, Any]:
        answered = {} if self.application_id is None else {"application_id": self.application_id}
        nonce = {} if self.nonce is None else {"nonce": self.nonce}
        webhook = {} if self.webhook_id is None else {"webhook_id": str(self.webhook_id)}
        author = (
            BOT_USER if self.username is None else BOT_USER | {"id": str(self.webhook_id), "username": self.username}
        )
        return {
            "id": str(self.id),
            "channel_id": str(self.channel_id),
            "author": author,
            "content": self.content,
            "timestamp": self.created_at.astimezone(UTC).isoformat(),
            "edited_timestamp": self.edited_at.astimezone(UTC).isoformat() if self.edited_at else None,
            "tts": False,
            "mention_everyone": False,
            "mentions": [],
            "mention_roles": self.mentioned_roles,
            "attachments": [],
            "embeds": [{"type": "rich"} | embed for embed in self.embeds],
            "pinned": False,
            "type": 0,
            "flags": self.flags,
            "components": list(numbered(self.components)),
            **nonce,
            **answered,
            **webhook,
        }


def numbered(components: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Components as Discord gives them back: each has a number, unique in its message."""
    for row, outer in enumerate(components, 1):
        inner = [each | {"id": row * 100 + n} | _emoji(each) for n, each in enumerate(outer.get("components") or [], 1)]
        yield outer | {"id": row * 100, "components": inner}


def _emoji(component: dict[str, Any]) -> dict[str, Any]:
    """An emoji of everybody's has a name only; what was sent beside it as nothing does not come back."""
    found = component.get("emoji")
    return {"emoji": {key: value for key, value in found.items() if value is not None}} if found else {}


def everyone_may() -> int:
    """What @everyone, and so the bot, may do in a guild unless a channel denies it."""
    return discord.Permissions(**dict.fromkeys(BOT_PERMISSIONS, True)).value


@dataclass(frozen=True)
class Member:
    """A person in a guild. The permissions of her role are hers in every channel, beyond what everyone has."""

    id: int
    name: str
    role: "Role | None" = None

    @property
    def permission_bits(self) -> int:
        return everyone_may() | (self.role.permissions if self.role is not None else 0)

    def user_json(self) -> dict[str, Any]:
        return {key: value for key, value in BOT_USER.items() if key != "bot"} | {
            "id": str(self.id),
            "username": self.name,
        }

    def as_json(self) -> dict[str, Any]:
        roles = [self.role.id] if self.role is not None else []
        return member_json(self.user_json()) | {"permissions": str(self.permission_bits), "roles": roles}


@dataclass
class Channel:
    id: int
    guild_id: int
    name: str
    denied: set[str] = field(default_factory=set)
    deleted: bool = False
    messages: list[Message] = field(default_factory=list)
    kind: int = TEXT
    tags: list[dict[str, Any]] = field(default_factory=list)
    """Of a forum: what can be set. Of a thread in it: what is."""
    requires_tag: bool = False
    parent_id: int | None = None
    archived: bool = False
    granted: set[str] = field(default_factory=set)
    """What the bot may here beyond what everyone may."""

    @property
    def is_thread(self) -> bool:
        return self.kind in THREADS

    def allows(self, permission: str) -> bool:
        """Whether the bot may; without View Channel it may nothing, without Send Messages no embeds."""
        needs = {"view_channel", permission} | ({"send_messages"} if permission == "embed_links" else set())
        return not needs & self.denied

    def as_json(self) -> dict[str, Any]:
        if self.is_thread:
            return thread_json(self)
        deny, allow = (discord.Permissions(**dict.fromkeys(names, True)).value for names in (self.denied, self.granted))
        overwrite = {"id": BOT_USER["id"], "type": 1, "allow": str(allow), "deny": str(deny)}
        overwrites = [overwrite] if deny or allow else []
        forum = {"available_tags": self.tags, "default_forum_layout": 0} if self.kind in FORUMS else {}
        return {
            "id": str(self.id),
            "type": self.kind,
            "guild_id": str(self.guild_id),
            "name": self.name,
            "position": 0,
            "permission_overwrites": overwrites,
            "nsfw": False,
            "topic": None,
            "parent_id": None,
            "last_message_id": None,
            "rate_limit_per_user": 0,
            "flags": REQUIRE_TAG if self.requires_tag else 0,
            **forum,
        }


def thread_json(thread: Channel) -> dict[str, Any]:
    moment = discord.utils.snowflake_time(thread.id).isoformat()
    return {
        "id": str(thread.id),
        "type": thread.kind,
        "guild_id": str(thread.guild_id),
        "parent_id": str(thread.parent_id),
        "owner_id": BOT_USER["id"],
        "name": thread.name,
        "flags": 0,
        "last_message_id": None,
        "rate_limit_per_user": 0,
        "message_count": 0,
        "member_count": 1,
        "total_message_sent": 0,
        "applied_tags": [tag["id"] for tag in thread.tags],
        "thread_metadata": {
            "archived": thread.archived,
            "archive_timestamp": moment,
            "auto_archive_duration": 1440,
            "locked": False,
            "create_timestamp": moment,
        },
    }


@dataclass(frozen=True)
class Role:
    """A role that can be mentioned, or one that gives permissions."""

    id: str
    name: str
    permissions: int = 0

    @property
    def as_json(self) -> dict[str, Any]:
        return role_json(self.id, self.name, permissions=self.permissions, mentionable=not self.permissions)


@dataclass
class Guild:
    id: int
    name: str
    channels: list[Channel] = field(default_factory=list)
    unavailable: bool = False
    absent: bool = False
    """Whether the bot was removed from it."""
    system_channel: Channel | None = None
    roles: list[Role] = field(default_factory=list)
    timed_out_until: datetime | None = None
    """The bot, by a moderator."""

    def own_member_json(self) -> dict[str, Any]:
        until = self.timed_out_until.isoformat() if self.timed_out_until else None
        return member_json(BOT_USER) | {"communication_disabled_until": until}

    def announcements(self, name: str) -> Channel:
        made = self.text_channel(name)
        made.kind = ANNOUNCEMENT
        return made

    def forum(self, name: str, *tags: str, requires_tag: bool = False, kind: int = FORUM) -> Channel:
        """A forum with these tags; one that begins with "!" is for moderators."""
        made = self.text_channel(name)
        made.kind, made.requires_tag = kind, requires_tag
        made.tags = [
            {
                "id": str(snowflake()),
                "name": tag.removeprefix("!"),
                "moderated": tag.startswith("!"),
                "emoji_id": None,
                "emoji_name": None,
            }
            for tag in tags
        ]
        return made

    def role(self, name: str) -> Role:
        made = Role(str(snowflake()), name)
        self.roles.append(made)
        return made

    def mentions_of_nobody(self, text: str) -> list[str]:
        """Mentions of roles that the guild has not: readers see "@deleted-role"."""
        return [each for each in re.findall(r"<@&(\d+)>", text) if each not in {role.id for role in self.roles}]

    def threads(self, parent: Channel) -> list[Channel]:
        """Those of a channel that are there, oldest first."""
        found = (each for each in self.channels if each.parent_id == parent.id and not each.deleted)
        return sorted(found, key=lambda each: each.id)

    def text_channel(self, name: str) -> Channel:
        made = Channel(snowflake(), self.id, name)
        self.channels.append(made)
        return made

    def member(self, name: str, *permissions: str) -> Member:
        """A person, with rights such as "manage_channels" beyond what everyone has here. To be made before the bot connects."""
        if not permissions:
            return Member(snowflake(), name)
        bits = discord.Permissions(**dict.fromkeys(permissions, True)).value
        role = Role(str(snowflake()), f"{name}'s role", bits)
        self.roles.append(role)
        return Member(snowflake(), name, role)

    def as_json(self) -> dict[str, Any]:
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
            "roles": [
                role_json(str(self.id), "@everyone", permissions=everyone_may()),
                *(each.as_json for each in self.roles),
            ],
            "emojis": [],
            "stickers": [],
            "features": [],
            "mfa_level": 0,
            "system_channel_id": str(self.system_channel.id) if self.system_channel else None,
            "system_channel_flags": 0,
            "premium_tier": 0,
            "preferred_locale": "en-US",
            "nsfw_level": 0,
            "member_count": 2,
            "large": False,
            "joined_at": "2026-01-01T00:00:00+00:00",
            "members": [self.own_member_json()],
            "channels": [each.as_json() for each in self.channels if not each.deleted and not each.is_thread],
            "threads": [
                each.as_json() for each in self.channels if each.is_thread and not each.deleted and not each.archived
            ],
            "presences": [],
            "voice_states": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
        }


def role_json(number: str, name: str, *, permissions: int = 0, mentionable: bool = False) -> dict[str, Any]:
    return {
        "id": number,
        "name": name,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "position": 0,
        "permissions": str(permissions),
        "managed": False,
        "mentionable": mentionable,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
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


@functools.lru_cache(maxsize=10_000)
def _as_discord_writes(url: str) -> str:
    return str(URL(url))


def visible(embeds: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """What Discord's clients show of a message's embeds: of those that share a url the first alone."""
    seen: set[str] = set()
    shown = []
    for embed in embeds:
        url = _as_discord_writes(embed["url"]) if embed.get("url") else None
        if url is None or url not in seen:
            shown.append(embed)
        if url is not None:
            seen.add(url)
    return shown


def titles(messages: Iterable[Message]) -> list[str]:
    """The titles of all embeds that a client shows, in the order in which people read them."""
    return [embed["title"] for message in messages for embed in visible(message.embeds)]
