"""docs/commands.md, written from the commands themselves: `python -m scripts.commands`."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import discord
from discord import app_commands

from bot.gateway.client import RiverpostBot
from cogs.help import catalogue
from cogs.help.catalogue import Command, Leaf
from scripts import offline

PAGE = Path(__file__).resolve().parent.parent / "docs" / "commands.md"
HEAD = """\
# Commands

Everything that Riverpost does in Discord, as `/help` sorts it. This page is written by `python -m scripts.commands`.

Where a command needs a permission, a server's admins can change that in Server Settings → Integrations.
"""
KINDS = {
    discord.AppCommandOptionType.string: "text",
    discord.AppCommandOptionType.integer: "number",
    discord.AppCommandOptionType.number: "number",
    discord.AppCommandOptionType.boolean: "yes or no",
    discord.AppCommandOptionType.user: "person",
    discord.AppCommandOptionType.channel: "channel",
    discord.AppCommandOptionType.role: "role",
    discord.AppCommandOptionType.mentionable: "person or role",
    discord.AppCommandOptionType.attachment: "file",
}


def page() -> str:
    """The whole text."""
    text: str = offline.run(lambda bot: "\n".join(_lines(bot)))
    return text


def _lines(bot: RiverpostBot) -> Iterator[str]:
    yield HEAD
    before = None
    for command in catalogue.sorted_commands(offline.top_level(bot)):
        wish = catalogue.wish_of(command)
        if wish is not before:
            yield f"## {wish.value}\n"
            before = wish
        for leaf in catalogue.leaves(command):
            yield from _command(leaf, command)


def _command(leaf: Leaf, root: Command) -> Iterator[str]:
    if isinstance(leaf, app_commands.ContextMenu):
        yield f"### {leaf.name}\n"
        yield f"In the menu of a message, under Apps.{_who(root)}\n"
        return
    yield f"### /{leaf.qualified_name}\n"
    yield f"{leaf.description}.{_who(root)}\n"
    if leaf.parameters:
        yield "| option | | what it is |"
        yield "| --- | --- | --- |"
        yield from map(_option, leaf.parameters)
        yield ""


def _option(parameter: app_commands.Parameter) -> str:
    needed = "" if parameter.required else ", may be left out"
    says = parameter.description.replace("|", "\\|")
    if parameter.choices:
        says += ": " + ", ".join(f"`{choice.name}`" for choice in parameter.choices)
    return f"| `{parameter.display_name}` | {KINDS.get(parameter.type, 'text')}{needed} | {says} |"


def _who(root: Command) -> str:
    """Who may use it and where, as sentences to be added."""
    needed: Any = root.default_permissions
    names = [name.replace("_", " ").title() for name, given in needed or () if given]
    said = f" Needs {' and '.join(names)}." if names else ""
    contexts = root.allowed_contexts
    anywhere = not root.guild_only and (contexts is None or contexts.dm_channel)
    return said + (" Also in private messages." if anywhere else "")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE.name} is written", file=sys.stderr)
