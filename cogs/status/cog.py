"""/status overview, failed, notices, language."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.errors import UserError
from bot.excerpts import discord_limits
from bot.i18n import translation
from bot.i18n.translation import _, many, number, retold
from bot.model import Need, Overview
from bot.services import Services
from cogs.status.failed_articles import FailedPages
from cogs.ui import bot_permissions, member_permissions, params
from cogs.ui.reader_access import viewer_of
from cogs.ui.replies import COLOUR, Interaction, ago, safe, say

LISTED = 5


@app_commands.guild_only()
@app_commands.default_permissions(manage_channels=True)
class StatusCommands(commands.GroupCog, group_name="status", group_description="How the bot is doing"):
    """Seeing and acting."""

    def __init__(self, bot: commands.Bot, services: Services) -> None:
        self._bot = bot
        self._services = services

    @app_commands.command(description="Show what waits, what is held and why, and which sources fail")
    async def overview(self, interaction: Interaction) -> None:
        await interaction.response.defer(ephemeral=True)
        operating = self._services.operating
        embeds = [_overview(await operating.overview(await viewer_of(interaction)), _("This server"))]
        if await self._bot.is_owner(interaction.user):
            embeds.append(_overview(await operating.overview(None), _("The whole bot")))
        await say(interaction, embeds=embeds)

    @app_commands.command(description="Show articles that could not be posted, to try them again or to drop them")
    @app_commands.describe(everywhere="Of all servers; only for whoever runs the bot")
    async def failed(self, interaction: Interaction, everywhere: bool = False) -> None:
        await interaction.response.defer(ephemeral=True)

        async def mine(press: discord.Interaction[Any]) -> frozenset[int] | None:
            if not everywhere:
                return frozenset(topic.id for topic in await member_permissions.topics_of(press, Need.MANAGE))
            if not await self._bot.is_owner(press.user):
                raise UserError(_("Only whoever runs me sees other servers. Leave that out to see this one's."))
            return None

        await FailedPages(interaction.user.id, self._services.operating, mine).first(interaction)

    @app_commands.command(description="Choose where I say that something is wrong")
    @app_commands.describe(
        channel="The channel for my notices; leave it out to see the present one",
        standard="Back to the server's system channel",
    )
    async def notices(
        self, interaction: Interaction, channel: discord.TextChannel | None = None, standard: bool = False
    ) -> None:
        await interaction.response.defer(ephemeral=True)
        guild, operating = params.guild_of(interaction), self._services.operating
        if channel is not None or standard:
            member = member_permissions.require_server(interaction)
        if channel is not None:
            await member_permissions.require_channel(member, channel.id, Need.POST)
            await bot_permissions.require(guild, channel.id)
            await operating.choose_notice_channel(guild.id, channel.id)
        elif standard:
            await operating.choose_notice_channel(guild.id, None)
        chosen = await operating.notice_channel(guild.id)
        where = _("in {channel}").format(channel=f"<#{chosen}>") if chosen else _("in the server's system channel")
        await say(
            interaction,
            _(
                "When something is wrong with a channel or a source, I say so {where}. If I cannot write there, I tell "
                "whoever followed the source or made the topic in a private message."
            ).format(where=where),
        )

    @app_commands.command(description="Choose the language of what I post in this server")
    @app_commands.describe(language="The language; leave it out to see the present one")
    @app_commands.autocomplete(language=params.languages)
    async def language(self, interaction: Interaction, language: str | None = None) -> None:
        await interaction.response.defer(ephemeral=True)
        guild, service = params.guild_of(interaction), self._services.languages
        if language is not None:
            member_permissions.require_server(interaction)
            await service.choose(guild.id, None if language == params.AS_DISCORD else language)
        spoken = translation.name_of(await service.of(guild.id))
        await say(
            interaction,
            _(
                "What I post in this server is in {language}. My answers are in the language that each person "
                "has chosen in Discord."
            ).format(language=spoken),
        )


def _overview(found: Overview, title: str) -> discord.Embed:
    embed = discord.Embed(title=title, description="\n".join(_figures(found)), colour=COLOUR)
    if found.channels:
        lines = [
            _("{channel}: {reason} · {count} waiting · next try {moment}").format(
                channel=f"<#{each.channel_id}>",
                reason=safe(retold(each.reason), 120),
                count=number(each.waiting),
                moment=ago(each.probe_at),
            )
            for each in found.channels[:LISTED]
        ]
        embed.add_field(name=_("Held channels"), value=_cut(lines, found.held), inline=False)
    if found.sources:
        lines = [
            f"{'⛔' if each.gone else '⚠️'} {safe(each.name, 60)}: {safe(retold(each.reason), 120)}"
            + (_(" · began {moment}").format(moment=ago(each.since)) if each.since else "")
            for each in found.sources[:LISTED]
        ]
        embed.add_field(name=_("Sources"), value=_cut(lines, found.failing), inline=False)
    return embed


def _verdict(found: Overview) -> str:
    """How all is, in one line."""
    troubles = [
        many("{n} channel in which I cannot post", "{n} channels in which I cannot post", found.held)
        if found.held
        else "",
        many("{n} source fails", "{n} sources fail", found.failing) if found.failing else "",
        many("{n} article could not be posted", "{n} articles could not be posted", found.failed)
        if found.failed
        else "",
    ]
    said = ", ".join(trouble for trouble in troubles if trouble)
    return f"⚠️ {said}." if said else _("✅ All is well.")


def _figures(found: Overview) -> tuple[str, ...]:
    """The verdict, and then only what is not nothing."""
    waiting = _("**{count}** waiting, the oldest came {moment}")
    lines = [
        f"**{_verdict(found)}**",
        waiting.format(count=number(found.waiting), moment=ago(found.oldest_waiting)) if found.waiting else "",
        _paused(found),
        _("**{count}** kept for a digest or until quiet hours end").format(count=number(found.kept))
        if found.kept
        else "",
        _("**{count}** failed (`/status failed`)").format(count=number(found.failed)) if found.failed else "",
        _("**{recent}** posted in the last hour, {all} in all").format(
            recent=number(found.posted_last_hour), all=number(found.posted)
        ),
        _("{topics} with {sources}; last checked {moment}").format(
            topics=many("{n} topic", "{n} topics", found.topics),
            sources=many("{n} source", "{n} sources", found.feeds),
            moment=ago(found.last_poll_at),
        ),
    ]
    if found.guild_id is None:
        lines.append(_("The loop that checks sources last ran {ran}").format(ran=ago(found.last_round_at)))
    return tuple(line for line in lines if line)


def _paused(found: Overview) -> str:
    said = []
    if found.paused_topics:
        names = ", ".join(f"**{safe(name, 60)}**" for name in found.paused_topics)
        said.append(_("⏸️ paused topics: {names} (`/topic resume`)").format(names=names))
    if found.paused_sources:
        text = many(
            "⏸️ {n} paused source (`/source resume`)", "⏸️ {n} paused sources (`/source resume`)", found.paused_sources
        )
        said.append(text)
    return "\n".join(said)


def _cut(lines: list[str], count: int) -> str:
    hidden = count - len(lines)
    more = [many("… and {n} more", "… and {n} more", hidden)] if hidden > 0 else []
    return discord_limits.clip("\n".join([*lines, *more]), discord_limits.EMBED_FIELD_VALUE)


async def setup(bot: commands.Bot) -> None:
    await bot.add_cog(StatusCommands(bot, params.services_of(bot)))
