"""The forms of the panel of `/topic edit`: what cannot be chosen from a list is typed."""

from collections.abc import Awaitable, Callable
from typing import Any

import discord

from bot.excerpts import discord_limits
from bot.i18n.translation import _
from bot.model import Topic
from bot.services.topics.topic_options import clock, read_excerpt, read_quiet, read_zone
from bot.services.topics.topics import MAX_NAME
from cogs.ui.replies import report

Change = Callable[..., Awaitable[None]]
"""Takes the interaction, and the arguments of `Topics.edit`."""


class _Form(discord.ui.Modal):
    async def on_error(  # type: ignore[override]  # discord.py's own signature of a modal
        self, interaction: discord.Interaction[Any], error: Exception, /
    ) -> None:
        await report(interaction, error)

    def _ask(self, label: str, value: str, *, placeholder: str = "", longest: int = 60) -> discord.ui.TextInput[Any]:
        field: discord.ui.TextInput[Any] = discord.ui.TextInput(
            label=label, default=value or None, placeholder=placeholder or None, max_length=longest, required=False
        )
        self.add_item(field)
        return field


class LookForm(_Form):
    """Name, colour, excerpt."""

    def __init__(self, topic: Topic, change: Change) -> None:
        super().__init__(title=_("Name and look"))
        self._topic, self._change = topic, change
        colour = f"#{topic.colour:06X}" if topic.colour is not None else ""
        self.name = self._ask(_("Name"), topic.name, longest=max(MAX_NAME, discord_limits.units(topic.name)))
        self.colour = self._ask(_("Colour"), colour, placeholder=_("blue, or #2F6F9F"), longest=20)
        self.excerpt = self._ask(_("Characters of an excerpt; 0 for none"), str(topic.options.excerpt), longest=4)

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        name = " ".join(self.name.value.split())
        options = {"excerpt": read_excerpt(self.excerpt.value)} if self.excerpt.value.strip() else {}
        await self._change(
            interaction,
            name=name if name and name != self._topic.name else None,
            colour=self.colour.value.strip() or None,
            options=options,
        )


class TimesForm(_Form):
    """Time zone and quiet hours."""

    def __init__(self, topic: Topic, change: Change) -> None:
        super().__init__(title=_("Time zone and quiet hours"))
        self._change = change
        options = topic.options
        quiet = ""
        if options.quiet_from is not None and options.quiet_to is not None:
            quiet = f"{clock(options.quiet_from)}-{clock(options.quiet_to)}"
        self.zone = self._ask(_("Time zone"), options.zone, placeholder="Europe/Berlin")
        self.quiet = self._ask(_("Quiet hours; empty for none"), quiet, placeholder="22:00-07:00", longest=20)

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        begin, end = read_quiet(self.quiet.value)
        options: dict[str, object] = {"quiet_from": begin, "quiet_to": end}
        if self.zone.value.strip():
            options["zone"] = read_zone(self.zone.value)
        await self._change(interaction, options=options)
