"""/status overview, failed, notices."""

from collections.abc import Awaitable, Callable
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.errors import UserError
from bot.model import FailedArticle, FailedPage, Overview
from bot.services import Services
from cogs import _params, _permissions
from cogs._permissions import may_manage
from cogs._replies import COLOUR, Interaction, ago, safe, say
from cogs._views import OwnedView

LISTED = 5


@app_commands.guild_only()
@app_commands.default_permissions(manage_channels=True)
class OperatingCommands(commands.GroupCog, group_name="status", group_description="How the bot is doing"):
    """Seeing and acting."""

    def __init__(self, bot: commands.Bot, services: Services) -> None:
        self._bot = bot
        self._operating = services.operating

    @app_commands.command(description="Show what waits, what is held and why, and which sources fail")
    async def overview(self, interaction: Interaction) -> None:
        await interaction.response.defer(ephemeral=True)
        guild = _params.guild_of(interaction)
        embeds = [_overview(await self._operating.overview(guild.id), "This server")]
        if await self._bot.is_owner(interaction.user):
            embeds.append(_overview(await self._operating.overview(None), "The whole bot"))
        await say(interaction, embeds=embeds)

    @app_commands.command(description="Show articles that could not be posted, to try them again or to drop them")
    @app_commands.describe(everywhere="Of all servers; only for whoever runs the bot")
    async def failed(self, interaction: Interaction, everywhere: bool = False) -> None:
        await interaction.response.defer(ephemeral=True)
        guild_id: int | None = _params.guild_of(interaction).id
        if everywhere:
            if not await self._bot.is_owner(interaction.user):
                raise UserError("Only whoever runs me sees other servers. Leave `everywhere` out to see this one's.")
            guild_id = None
        await FailedPages(interaction.user.id, self._operating, guild_id).first(interaction)

    @app_commands.command(description="Choose where I say that something is wrong")
    @app_commands.describe(
        channel="The channel for my notices; leave it out to see the present one",
        standard="Back to the server's system channel",
    )
    async def notices(
        self, interaction: Interaction, channel: discord.TextChannel | None = None, standard: bool = False
    ) -> None:
        await interaction.response.defer(ephemeral=True)
        guild = _params.guild_of(interaction)
        if channel is not None:
            _permissions.require(guild, channel.id)
            await self._operating.choose_notice_channel(guild.id, channel.id)
        elif standard:
            await self._operating.choose_notice_channel(guild.id, None)
        chosen = await self._operating.notice_channel(guild.id)
        where = f"in <#{chosen}>" if chosen is not None else "in the server's system channel"
        await say(
            interaction,
            f"When something is wrong with a channel or a source, I say so {where}. If I cannot write there, I tell "
            "whoever followed the source or made the topic in a private message.",
        )


class FailedPages(OwnedView):
    """Failed articles, each with a row of its own: try again, or drop."""

    def __init__(self, owner_id: int, operating: Any, guild_id: int | None) -> None:
        super().__init__(owner_id)
        self._operating = operating
        self._guild_id = guild_id
        self._number = 1

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        if not await super().interaction_check(interaction):
            return False
        # The list may stand there for a while: rights that were taken meanwhile count.
        if self._guild_id is None or may_manage(interaction):
            return True
        raise UserError("You need the permission Manage Channels for this. Ask somebody who runs this server.")

    async def first(self, interaction: Interaction) -> None:
        """Answer a deferred command with the first page."""
        page = await self._load(1)
        await say(interaction, embeds=[_failed(page)], view=self if page.articles else None)

    async def _load(self, number: int) -> FailedPage:
        page: FailedPage = await self._operating.failed(self._guild_id, page=number)
        self._number = page.number
        self.clear_items()
        for row, article in enumerate(page.articles):
            place = _place(page, row)
            self._add(
                f"Replay {place}", discord.ButtonStyle.primary, row, self._acting(self._operating.replay, article)
            )
            self._add(f"Drop {place}", discord.ButtonStyle.danger, row, self._acting(self._operating.drop, article))
        if page.pages > 1:
            self._add("◀ Newer", discord.ButtonStyle.secondary, 4, self._turning(-1), disabled=page.number == 1)
            self._add("Older ▶", discord.ButtonStyle.secondary, 4, self._turning(1), disabled=page.number == page.pages)
        return page

    def _add(
        self,
        label: str,
        style: discord.ButtonStyle,
        row: int,
        pressed: Callable[[discord.Interaction[Any]], Awaitable[None]],
        *,
        disabled: bool = False,
    ) -> None:
        button: discord.ui.Button[Any] = discord.ui.Button(label=label, style=style, row=row, disabled=disabled)
        button.callback = pressed  # type: ignore[method-assign,assignment]  # discord.py's documented way
        self.add_item(button)

    def _acting(
        self, act: Callable[[int | None, int], Awaitable[None]], article: FailedArticle
    ) -> Callable[[discord.Interaction[Any]], Awaitable[None]]:
        async def pressed(interaction: discord.Interaction[Any]) -> None:
            await interaction.response.defer()
            await act(self._guild_id, article.delivery_id)
            await self._show(interaction, self._number)

        return pressed

    def _turning(self, by: int) -> Callable[[discord.Interaction[Any]], Awaitable[None]]:
        async def pressed(interaction: discord.Interaction[Any]) -> None:
            await interaction.response.defer()
            await self._show(interaction, self._number + by)

        return pressed

    async def _show(self, interaction: discord.Interaction[Any], number: int) -> None:
        page = await self._load(number)
        await interaction.edit_original_response(embeds=[_failed(page)], view=self)


def _place(page: FailedPage, row: int) -> int:
    return (page.number - 1) * 4 + row + 1


def _overview(found: Overview, title: str) -> discord.Embed:
    embed = discord.Embed(title=title, colour=COLOUR)
    oldest = f", the oldest since {ago(found.oldest_waiting)}" if found.oldest_waiting else ""
    embed.description = "\n".join(
        (
            f"**{found.waiting:,}** waiting{oldest}",
            *([f"**{found.kept:,}** kept for a digest or until quiet hours end"] if found.kept else []),
            f"**{found.posted_last_hour:,}** posted in the last hour, {found.posted:,} in all",
            f"**{found.failed:,}** failed" + (" (`/status failed`)" if found.failed else ""),
            f"**{found.held:,}** channels held, **{found.failing:,}** of {found.feeds:,} sources failing",
            f"Sources last asked {ago(found.last_poll_at)}; the loop last ran {ago(found.last_round_at)}",
        )
    )
    if found.channels:
        lines = [
            f"<#{each.channel_id}>: {safe(each.reason, 120)} · {each.waiting:,} waiting · next try {ago(each.probe_at)}"
            for each in found.channels[:LISTED]
        ]
        embed.add_field(name="Held channels", value=_cut(lines, found.held), inline=False)
    if found.sources:
        lines = [
            f"{'⛔' if each.gone else '⚠️'} {safe(each.name, 60)}: {safe(each.reason, 120)}"
            + (f" · since {ago(each.since)}" if each.since else "")
            for each in found.sources[:LISTED]
        ]
        embed.add_field(name="Sources", value=_cut(lines, found.failing), inline=False)
    return embed


def _cut(lines: list[str], count: int) -> str:
    more = [f"… and {count - len(lines):,} more"] if count > len(lines) else []
    return "\n".join([*lines, *more])[:1024]


def _failed(page: FailedPage) -> discord.Embed:
    if not page.articles:
        return discord.Embed(description="No article has failed.", colour=COLOUR)
    lines = []
    for row, article in enumerate(page.articles):
        name = safe(article.title or "Untitled", 120)
        head = f"[{name}](<{article.link}>)" if article.link else name
        lines.append(
            f"**{_place(page, row)}.** {head}\n-# {safe(article.source, 60)} → {safe(article.topic, 50)}, "
            f"<#{article.channel_id}>\n{safe(article.reason or 'no reason given', 300)}"
        )
    embed = discord.Embed(title="Articles that were not posted", description="\n\n".join(lines)[:4096], colour=COLOUR)
    return embed.set_footer(
        text=f"{page.total:,} article{'' if page.total == 1 else 's'} · page {page.number:,} of {page.pages:,}"
    )


async def setup(bot: commands.Bot) -> None:
    await bot.add_cog(OperatingCommands(bot, _params.services_of(bot)))
