"""What there is to do, sorted by what people want, and which of it a person may do where they ask."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import discord
from discord import app_commands

from bot.i18n import translation
from bot.i18n.translation import N_, _

Command = app_commands.Command[Any, ..., Any] | app_commands.Group | app_commands.ContextMenu
Leaf = app_commands.Command[Any, ..., Any] | app_commands.ContextMenu


class Wish(Enum):
    """What somebody wants; the value is the heading."""

    FOLLOW = N_("Follow")
    READ = N_("Read")
    SAVE = N_("Save, and follow for yourself")
    RUN = N_("Run")


WISHES: Mapping[str, Wish] = {
    "subscribe": Wish.FOLLOW,
    "packs": Wish.FOLLOW,
    "topic": Wish.FOLLOW,
    "unsubscribe": Wish.FOLLOW,
    "source": Wish.FOLLOW,
    "filter": Wish.FOLLOW,
    "latest": Wish.READ,
    "sources": Wish.READ,
    "search": Wish.READ,
    "why": Wish.READ,
    "More from this source": Wish.READ,
    "help": Wish.READ,
    "saved": Wish.SAVE,
    "Save for later": Wish.SAVE,
    "follow": Wish.SAVE,
    "following": Wish.SAVE,
    "unfollow": Wish.SAVE,
    "forget": Wish.SAVE,
    "status": Wish.RUN,
    "import": Wish.RUN,
    "export": Wish.RUN,
}
"""By the name of a command or group; one that is missing here is for running if it needs a right, else for reading."""
ORDER = tuple(WISHES)


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and from where."""

    in_guild: bool
    permissions: discord.Permissions

    @classmethod
    def of(cls, interaction: discord.Interaction[Any]) -> "Asker":
        return cls(interaction.guild_id is not None, interaction.permissions)


def wish_of(command: Command) -> Wish:
    """What a command or group is for."""
    return WISHES.get(command.name) or (Wish.RUN if command.default_permissions else Wish.READ)


def may_use(command: Command, asker: Asker) -> bool:
    """Whether Discord offers it to the asker, as far as its own settings in a server do not say otherwise."""
    contexts = command.allowed_contexts
    if not asker.in_guild:
        return not command.guild_only and (contexts is None or bool(contexts.dm_channel))
    if contexts is not None and not contexts.guild:
        return False
    needed = command.default_permissions or discord.Permissions.none()
    return asker.permissions.administrator or needed <= asker.permissions


def leaves(command: Command) -> Iterator[Leaf]:
    """The commands of a group, or the command itself."""
    if isinstance(command, app_commands.Group):
        for child in command.commands:
            yield from leaves(child)
    else:
        yield command


def sorted_commands(commands: Sequence[Command]) -> list[Command]:
    """As they are listed: by wish, then as the table has them, then by name."""
    wishes = list(Wish)
    return sorted(
        commands,
        key=lambda each: (
            wishes.index(wish_of(each)),
            ORDER.index(each.name) if each.name in ORDER else len(ORDER),
            each.name,
        ),
    )


def mention(name: str, published: Mapping[str, int]) -> str:
    """A command's name that can be clicked, where its id is known; else its name in the reader's language."""
    number = published.get(name.split(maxsplit=1)[0])
    return f"</{name}:{number}>" if number is not None else f"`/{translation.typed(name)}`"


def line(leaf: Leaf, published: Mapping[str, int]) -> str:
    """One command and what it does."""
    if isinstance(leaf, app_commands.ContextMenu):
        where = _("in the menu of a message, under Apps")
        return f"**{_(leaf.name)}** · {where}"
    shown, typed = mention(leaf.qualified_name, published), translation.typed(leaf.qualified_name)
    if shown.startswith("<") and typed != leaf.qualified_name:
        shown += f" `/{typed}`"  # Discord shows a mention in English, and takes no other name in it
    return f"{shown} · {_(leaf.description)}"


def sections(commands: Sequence[Command], asker: Asker, published: Mapping[str, int]) -> list[tuple[str, list[str]]]:
    """A heading and lines for each wish that the asker can fulfil."""
    found: dict[Wish, list[str]] = {}
    for command in sorted_commands([each for each in commands if may_use(each, asker)]):
        found.setdefault(wish_of(command), []).extend(line(leaf, published) for leaf in leaves(command))
    return [(_(wish.value), lines) for wish, lines in found.items()]
