"""/topic create, with a starter pack if one is wanted."""

from datetime import timedelta

import discord
from discord import app_commands
from discord.ext import commands

from bot import logs
from bot.excerpts import discord_limits
from bot.i18n.translation import _, many, retold
from bot.model import Need, Topic
from bot.services import Services
from bot.services.sources.starter_packs import Packed
from cogs.topic.edit import Channel
from cogs.ui import authority, params, permissions
from cogs.ui.replies import Interaction, safe, say

log = logs.get(__name__)

PROGRESS_EVERY = timedelta(seconds=3)
NAMED = 15
"""Feeds that could not be read and are named one by one."""


class CreateCommand(commands.Cog):
    """A part of the group /topic."""

    _services: Services

    @app_commands.command(description="Make a topic whose articles are posted in a channel")
    @app_commands.describe(
        name="What it is about, for example: Network engineering",
        channel="Where its articles are posted: a text, announcement, forum or media channel, or a thread",
        colour="The colour of its articles, for example #2f6f9f",
        pack="A set of sources to begin with",
    )
    @app_commands.autocomplete(pack=params.packs)
    async def create(
        self,
        interaction: Interaction,
        name: str,
        channel: Channel,
        colour: str | None = None,
        pack: str | None = None,
    ) -> None:
        await interaction.response.defer(ephemeral=True)
        guild = params.guild_of(interaction)
        await authority.require_channel(authority.member_of(interaction), channel.id, Need.MANAGE)
        await permissions.require(guild, channel.id)
        packs = self._services.packs
        chosen = packs.get(pack) if pack is not None else None  # before anything is made
        topic = await self._services.topics.create(
            guild_id=guild.id, name=name, channel_id=channel.id, colour=colour, created_by=interaction.user.id
        )
        if chosen is None:
            said = _("The topic **{topic}** posts in <#{channel}> now. Add a source to it: `/subscribe`")
            await say(interaction, said.format(topic=safe(topic.name), channel=channel.id))
            return

        shown_at = self._services.topics.now()

        async def progress(done: int, of: int) -> None:
            nonlocal shown_at
            now = self._services.topics.now()
            if now - shown_at < PROGRESS_EVERY:
                return
            shown_at = now
            text = _("The topic **{topic}** is made. Reading the sources of **{pack}**: {done} of {of} …")
            try:
                await interaction.edit_original_response(
                    content=text.format(topic=safe(topic.name), pack=safe(chosen.name), done=done, of=of)
                )
            except discord.HTTPException as error:
                log.info("progress could not be shown", error=str(error))

        found = await packs.follow(chosen, topic, added_by=interaction.user.id, progress=progress)
        await interaction.edit_original_response(content=_told(topic, chosen.name, found))


def _told(topic: Topic, pack: str, found: Packed) -> str:
    text = _("The topic **{topic}** posts in <#{channel}> now, with {sources} of **{pack}**.").format(
        topic=safe(topic.name),
        channel=topic.channel_id,
        sources=many("{n} source", "{n} sources", len(found.followed)),
        pack=safe(pack),
    )
    if found.unread:
        text += "\n" + _("These could not be read; add them later with `/subscribe`:")
        text += "".join(f"\n- <{each.url}>: {safe(retold(each.reason))}" for each in found.unread[:NAMED])
    if len(found.unread) > NAMED:
        text += "\n" + many("… and {n} more", "… and {n} more", len(found.unread) - NAMED)
    return discord_limits.clip(text, discord_limits.CONTENT)
