"""What people do in the loopback Discord: type commands, press buttons, choose from menus; and what they see."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.clock import Clock
from tests.wire.loopback.interactions import (
    ACKNOWLEDGE_SECONDS,
    AUTOCOMPLETE,
    COMMAND,
    COMPONENT,
    Interaction,
    Interactions,
)
from tests.wire.loopback.world import BOT_USER, Channel, Guild, Member, Message, Role, everyone_may

SUBCOMMAND, GROUP, STRING, INTEGER, BOOLEAN, CHANNEL, ROLE = 1, 2, 3, 4, 5, 7, 8
BUTTON, MENU = 2, 3
TYPES: dict[int, type] = {STRING: str, INTEGER: int, BOOLEAN: bool, CHANNEL: Channel, ROLE: Role}
NEED_NO_VALUE_FOR = {SUBCOMMAND, GROUP}


class NotOffered(AssertionError):  # noqa: N818 - a sentence in the test's output
    """Discord's own client would not let a person do this."""


class NoAnswer(AssertionError):  # noqa: N818
    """What a person sees as "The application did not respond"."""


@dataclass(frozen=True)
class Reply:
    """An answer as a person sees it now; what is edited later shows."""

    interaction: Interaction
    message: Message

    @property
    def text(self) -> str:
        """Everything there is to read, in reading order."""
        return "\n".join([self.message.content, *(part for embed in self.embeds for part in _texts(embed))])

    @property
    def embeds(self) -> list[dict[str, Any]]:
        return self.message.embeds

    @property
    def private(self) -> bool:
        return self.message.ephemeral

    @property
    def labels(self) -> list[str]:
        """Of the buttons that can be pressed and of the choices of menus."""
        return _labels(self.message)

    @property
    def channel(self) -> Channel:
        return self.interaction.channel

    @property
    def acknowledged_seconds(self) -> float:
        """From the asking until the first answer, which may have been "is thinking…"."""
        assert self.interaction.acknowledged_at is not None
        return self.interaction.acknowledged_at - self.interaction.asked_at

    @property
    def complete_seconds(self) -> float:
        assert self.interaction.completed_at is not None
        return self.interaction.completed_at - self.interaction.asked_at


@dataclass(frozen=True)
class Posted:
    """A message in a channel, whose buttons everybody can press."""

    channel: Channel
    message: Message


class People:
    """Acts for the members of the guilds.

    Args:
        commands: the commands that the bot has published, as they are at the time.
        dispatch: sends an event to the bot over the gateway.
    """

    def __init__(
        self,
        guilds: Iterable[Guild],
        interactions: Interactions,
        commands: Callable[[], list[dict[str, Any]]],
        dispatch: Callable[[str, dict[str, Any]], Awaitable[None]],
        clock: Clock,
    ) -> None:
        self._guilds = guilds
        self._interactions = interactions
        self._commands = commands
        self._dispatch = dispatch
        self._clock = clock

    async def ask(self, member: Member, channel: Channel, command: str, options: Mapping[str, Any]) -> Reply:
        top, rest = self._find(member, command)
        data, resolved = _data(top, rest, options)
        missing = [o["name"] for o in _options(top, rest) if o.get("required") and o["name"] not in options]
        if missing:
            raise NotOffered(f"/{command} needs {', '.join(missing)}")
        return await self._reply(COMMAND, f"/{command}", member, channel, data | resolved)

    async def suggest(
        self, member: Member, channel: Channel, command: str, option: str, typed: str, options: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        top, rest = self._find(member, command)
        data, resolved = _data(top, rest, {**options, option: typed}, focused=option)
        what = f"typing {typed!r} as {option} of /{command}"
        asked = await self._send(AUTOCOMPLETE, what, member, channel, data | resolved)
        return asked.choices

    async def press(self, member: Member, shown: Reply | Posted, label: str) -> Reply:
        for each in _inner(shown.message):
            if each["type"] == BUTTON and each.get("label") == label and not each.get("disabled"):
                data = {"custom_id": each["custom_id"], "component_type": BUTTON}
                return await self._use(member, shown, f"a press of {label}", data)
        raise NotOffered(f"there is no button {label} to press, but {_labels(shown.message)}")

    async def choose(self, member: Member, shown: Reply | Posted, *labels: str) -> Reply:
        for each in _inner(shown.message):
            values = {option["label"]: option["value"] for option in each.get("options") or []}
            if each["type"] == MENU and not each.get("disabled") and set(labels) <= set(values):
                data = {"custom_id": each["custom_id"], "component_type": MENU, "values": [values[x] for x in labels]}
                return await self._use(member, shown, f"a choice of {', '.join(labels)}", data)
        raise NotOffered(f"there is no menu with {labels}, but {_labels(shown.message)}")

    async def _use(self, member: Member, shown: Reply | Posted, what: str, data: dict[str, Any]) -> Reply:
        if isinstance(shown, Reply) and shown.private and member != shown.interaction.member:
            raise NotOffered(f"{member.name} does not see that message")
        return await self._reply(COMPONENT, what, member, shown.channel, data, shown.message)

    def _find(self, member: Member, command: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """The command, and its subcommands on the way to the one that is meant."""
        first, *names = command.split()
        found = next((each for each in self._commands() if each["name"] == first), None)
        if found is None:
            raise NotOffered(f"no command /{first} is published")
        needed = found.get("default_member_permissions")
        if needed is not None and int(needed) & ~member.permission_bits:
            raise NotOffered(f"/{first} is not shown to {member.name}")
        path: list[dict[str, Any]] = []
        for name in names:
            inside = (path[-1] if path else found).get("options") or []
            path.append(next(each for each in inside if each["name"] == name and each["type"] in NEED_NO_VALUE_FOR))
        return found, path

    async def _reply(
        self,
        kind: int,
        what: str,
        member: Member,
        channel: Channel,
        data: dict[str, Any],
        source: Message | None = None,
    ) -> Reply:
        asked = await self._send(kind, what, member, channel, data, source)
        return Reply(asked, asked.answers[-1])

    async def _send(
        self,
        kind: int,
        what: str,
        member: Member,
        channel: Channel,
        data: dict[str, Any],
        source: Message | None = None,
    ) -> Interaction:
        """Hand it to the bot and wait until the answer is there."""
        asked = self._interactions.begin(kind, what, member, channel, source=source)
        await self._dispatch("INTERACTION_CREATE", self._frame(asked, data))
        if not await self._within(asked.acknowledged, ACKNOWLEDGE_SECONDS):
            raise NoAnswer(f"{what}: no answer within 3 s")
        if not await self._within(asked.completed, 30.0):
            raise NoAnswer(f"{what}: was acknowledged, but never answered")
        return asked

    async def _within(self, event: asyncio.Event, seconds: float) -> bool:
        try:
            await asyncio.wait_for(event.wait(), seconds)
        except TimeoutError:
            return False
        return True

    def _frame(self, asked: Interaction, data: dict[str, Any]) -> dict[str, Any]:
        guild = next(guild for guild in self._guilds if guild.id == asked.channel.guild_id)
        permissions = str(asked.member.permission_bits)
        frame = {
            "id": str(asked.id),
            "application_id": BOT_USER["id"],
            "type": asked.kind,
            "token": asked.token,
            "version": 1,
            "data": data,
            "guild_id": str(guild.id),
            "guild": {"id": str(guild.id), "features": [], "locale": "en-US"},
            "channel_id": str(asked.channel.id),
            "channel": asked.channel.as_json() | {"permissions": permissions},
            "member": asked.member.as_json(),
            "app_permissions": str(everyone_may()),
            "locale": "en-US",
            "guild_locale": "en-US",
            "entitlements": [],
            "authorizing_integration_owners": {"0": str(guild.id)},
            "context": 0,
            "attachment_size_limit": 10_485_760,
        }
        return frame if asked.source is None else frame | {"message": asked.source.as_json()}


def _data(
    top: dict[str, Any], path: list[dict[str, Any]], given: Mapping[str, Any], *, focused: str | None = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The `data` of a command, and the channels that it names."""
    known = {option["name"]: option for option in _options(top, path)}
    if unknown := set(given) - set(known):
        raise NotOffered(f"/{top['name']} has no option {', '.join(sorted(unknown))}")
    values: list[dict[str, Any]] = []
    channels: dict[str, Any] = {}
    roles: dict[str, Any] = {}
    for name, value in given.items():
        option = known[name]
        if focused is None:
            _check(option, value)
        if isinstance(value, Channel):
            channels[str(value.id)] = value.as_json() | {"permissions": str(everyone_may())}
        if isinstance(value, Role):
            roles[value.id] = value.as_json
        sent = str(value.id) if isinstance(value, Channel | Role) else value
        values.append(
            {"type": option["type"], "name": name, "value": sent} | ({"focused": True} if name == focused else {})
        )
    for each in reversed(path):
        values = [{"type": each["type"], "name": each["name"], "options": values}]
    data = {"id": top["id"], "name": top["name"], "type": 1, "options": values}
    resolved = {"channels": channels} if channels else {}
    resolved |= {"roles": roles} if roles else {}
    return data, {"resolved": resolved} if resolved else {}


def _options(top: dict[str, Any], path: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return list((path[-1] if path else top).get("options") or [])


def _check(option: dict[str, Any], value: object) -> None:
    """What Discord's client checks before it sends a command."""
    name, kind = option["name"], option["type"]
    if not isinstance(value, TYPES[kind]):
        raise NotOffered(f"{name} takes another kind of value than {value!r}")
    if isinstance(value, str):
        longest = min(option.get("max_length") or 6000, 6000)
        if not (option.get("min_length") or 0) <= len(value) <= longest:
            raise NotOffered(f"{name} may not have {len(value)} characters")
    if isinstance(value, Channel) and option.get("channel_types") and value.kind not in option["channel_types"]:
        raise NotOffered(f"{name} takes no channel of the kind {value.kind}")


def _labels(message: Message) -> list[str]:
    buttons = [each["label"] for each in _inner(message) if each["type"] == BUTTON and not each.get("disabled")]
    return buttons + [option["label"] for each in _inner(message) for option in each.get("options") or []]


def _inner(message: Message) -> list[dict[str, Any]]:
    return [each for row in message.components for each in row.get("components") or []]


def _texts(embed: dict[str, Any]) -> Iterator[str]:
    parts = [(embed.get("author") or {}).get("name"), embed.get("title"), embed.get("description")]
    for each in embed.get("fields") or []:
        parts += [each.get("name"), each.get("value")]
    parts.append((embed.get("footer") or {}).get("text"))
    return (part for part in parts if part)
