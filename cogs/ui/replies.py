"""How Riverpost answers: privately, in plain words, always."""

from datetime import datetime
from typing import Any

import discord
from discord import app_commands
from discord.utils import MISSING

from bot import logs
from bot.errors import StoreError, UserError
from bot.excerpts import discord_limits, escape
from bot.excerpts.masked_link_label import label
from bot.i18n.translation import N_, _

log = logs.get(__name__)

Interaction = discord.Interaction[Any]
COLOUR = discord.Colour(0x2F6F9F)
EXPIRED = N_("These buttons have expired. Use the command again for new ones.")
WAITING = "waiting"
"""In an interaction's extras: its answer shows what is being done, see `cogs.ui.waiting`, and the next one replaces it."""
ERROR_COLOUR = discord.Colour(0xB3261E)


class ExpiringView(discord.ui.View):
    """A view that, when its time is over, takes its buttons away instead of leaving them dead."""

    message: discord.Message | None = None

    async def on_timeout(self) -> None:
        if self.message is None:
            return
        try:
            await self.message.edit(content=_(EXPIRED), view=None)
        except discord.HTTPException as error:
            log.debug("an expired view could not be cleared", error=str(error))


async def say(
    interaction: Interaction,
    text: str | None = None,
    *,
    embeds: list[discord.Embed] | None = None,
    view: discord.ui.View | None = None,
) -> None:
    """Answer the person alone, whether or not the command was deferred. A view learns which message is its own."""
    shown: dict[str, Any] = {"content": text, "embeds": embeds or [], "view": view or MISSING}
    if interaction.extras.pop(WAITING, False):
        answer = await interaction.edit_original_response(content=text, embeds=embeds or [], view=view)
        if isinstance(view, ExpiringView):
            view.message = answer
    elif interaction.response.is_done():
        sent = await interaction.followup.send(
            ephemeral=True, wait=True, **{key: value for key, value in shown.items() if value is not None}
        )
        if isinstance(view, ExpiringView):
            view.message = sent
    else:
        await interaction.response.send_message(ephemeral=True, **shown)


async def report(interaction: discord.Interaction[Any], error: Exception) -> None:
    """Tell the person what went wrong and what to do; details go to the log only."""
    text = words_for(error)
    if text is None:
        number = str(interaction.id)[-6:]
        log.error("a command failed", number=number, command=_name(interaction), exc_info=error)
        text = _(
            "Something went wrong on my side. Please look whether it worked, else try again; "
            "if it stays, tell whoever runs me the number {number}."
        ).format(number=number)
    try:
        await say(
            interaction,
            embeds=[
                discord.Embed(
                    description=discord_limits.clip(text, discord_limits.EMBED_DESCRIPTION), colour=ERROR_COLOUR
                )
            ],
        )
    except discord.HTTPException as failure:
        log.warning("an answer could not be given", command=_name(interaction), error=str(failure))


def words_for(error: Exception) -> str | None:
    """What to tell a person, or None for what only the log should say."""
    if isinstance(error, UserError):
        return str(error)
    if isinstance(error, StoreError):
        return _("My database does not answer just now. Please try again in a minute.")
    if isinstance(error, app_commands.MissingPermissions):
        return _("You need the permission Manage Channels for this command. Ask somebody who runs this server.")
    if isinstance(error, app_commands.NoPrivateMessage):
        return _("This command works in a server only, not in a private chat.")
    if isinstance(error, app_commands.TransformerError):
        return _("I cannot use “{value}” here. Choose something else.").format(value=safe(str(error.value)))
    if isinstance(error, app_commands.CommandNotFound | app_commands.CommandSignatureMismatch):
        return _("This command has changed. Restart Discord (Ctrl+R) and try again.")
    if isinstance(error, app_commands.CheckFailure):
        return _("You may not use this command here. Ask somebody who runs this server.")
    return None


def _name(interaction: discord.Interaction[Any]) -> str | None:
    return interaction.command.qualified_name if interaction.command else None


def ago(moment: datetime | None) -> str:
    """A moment as each reader's Discord shows it: "5 minutes ago"."""
    return discord.utils.format_dt(moment, "R") if moment else _("never")


def linked(shown: str, address: str) -> str:
    """A link with these words, which are Markdown already."""
    return f"[{label(shown)}](<{address}>)"


def safe(text: str, limit: int = 200) -> str:
    """Text from a feed or a person, so that it cannot format, mention, or turn the text around it."""
    text = escape.clean(text)
    cut = text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
    return escape.escape_line_start(escape.escape(cut))
