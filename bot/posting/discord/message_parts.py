"""Embeds, buttons and menus as discord.py sends them, from the form in which they are stored."""

from collections.abc import Mapping, Sequence
from typing import Any

import discord

from bot.model import ComponentRow, MessagePayload


def embeds_of(payload: MessagePayload) -> list[discord.Embed]:
    """The embeds of a stored message; they are sent in the same bytes every time."""
    return [discord.Embed.from_dict(each) for each in payload.embeds]


def view_of(rows: Sequence[ComponentRow] | None) -> discord.ui.View | None:
    """The buttons and menus of stored rows. What they do is found by their ids, see `cogs`: also after a restart."""
    listed = [each for row in rows or () for each in row["components"]]
    if not listed:
        return None
    view = discord.ui.View(timeout=None)
    for each in listed:
        view.add_item(_menu(each) if "options" in each else _button(each))
    view.stop()  # so that discord.py does not keep it in memory for good
    return view


def _button(stored: Mapping[str, Any]) -> discord.ui.Button[discord.ui.View]:
    return discord.ui.Button(
        style=discord.ButtonStyle(stored["style"]),
        label=stored["label"],
        custom_id=stored["custom_id"],
        emoji=(stored.get("emoji") or {}).get("name"),
    )


def _menu(stored: Mapping[str, Any]) -> discord.ui.Select[discord.ui.View]:
    return discord.ui.Select(
        custom_id=stored["custom_id"],
        placeholder=stored["placeholder"],
        min_values=stored["min_values"],
        max_values=stored["max_values"],
        options=[discord.SelectOption(label=each["label"], value=each["value"]) for each in stored["options"]],
    )
