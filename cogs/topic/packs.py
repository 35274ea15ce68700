"""/packs, and the packs of the welcome: sets of sources that are chosen from a menu, each with a topic of its own."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot import logs
from bot.config.settings import Pack
from bot.errors import UserError
from bot.excerpts import discord_limits
from bot.i18n.translation import _, many, retold
from bot.model import Need, Topic
from bot.services.sources.starter_packs import Packed, texts_of
from cogs.ui import bot_permissions, member_permissions, params
from cogs.ui.reader_access import viewer_of
from cogs.ui.replies import COLOUR, Interaction, safe, say
from cogs.ui.views import MAX_OPTIONS, OwnedView

log = logs.get(__name__)

MAX_AT_ONCE = 5
"""Packs, so that all of them are read while Discord still takes the answer."""
PROGRESS_EVERY = timedelta(seconds=3)
NAMED = 15
"""Feeds that could not be read and are named one by one."""
CHANNELS = [discord.ChannelType.text, discord.ChannelType.news, discord.ChannelType.forum]


class PackCommands(commands.Cog):
    """Taking packs."""

    @app_commands.command(description="Choose starter packs: sets of sources on one subject, posted in a channel")
    @app_commands.default_permissions(manage_channels=True)
    @app_commands.guild_only()
    async def packs(self, interaction: Interaction) -> None:
        await interaction.response.defer(ephemeral=True)
        params.guild_of(interaction)
        await show(interaction)


async def show(interaction: Interaction) -> None:
    """Answer a deferred interaction with the packs; who may manage channels where they are can take some."""
    packs = params.services_of(interaction.client).packs.all()[:MAX_OPTIONS]
    if not packs:
        text = _("There are no starter packs here. Add any site with `/subscribe`.")
        await say(interaction, embeds=[discord.Embed(description=text, colour=COLOUR)])
        return
    lines = [_pack(pack) for pack in packs]
    view = None
    if bot_permissions.may_manage(interaction):
        view = PackChoice(interaction.user.id, packs, interaction.channel)
    else:
        lines.append(_("Who may manage channels can take them."))
    description = discord_limits.clip("\n".join(lines), discord_limits.EMBED_DESCRIPTION)
    embed = discord.Embed(title=_("Starter packs"), description=description, colour=COLOUR)
    await say(interaction, embeds=[embed], view=view)


def _pack(pack: Pack) -> str:
    texts, count = texts_of(pack), many("{n} source", "{n} sources", len(pack.feeds))
    return f"**{safe(texts.name, 80)}** · {count}\n{safe(texts.description, 120)}".rstrip()


class PackChoice(OwnedView):
    """Menus for packs and a channel, and a button that takes them: it asks what the person may do there."""

    def __init__(self, owner_id: int, packs: Sequence[Pack], channel: Any) -> None:
        super().__init__(owner_id, required=None)  # it depends on the channel that is chosen
        self._packs = packs
        texts = [texts_of(pack) for pack in packs]
        self._menu: discord.ui.Select[Any] = discord.ui.Select(
            custom_id="packs",
            placeholder=_("Choose up to {n} packs").format(n=min(MAX_AT_ONCE, len(packs))),
            max_values=min(MAX_AT_ONCE, len(packs)),
            options=[
                discord.SelectOption(
                    label=each.name[:100], description=each.description[:100] or None, value=str(index)
                )
                for index, each in enumerate(texts)
            ],
        )
        self._channel_id: int | None = channel.id if isinstance(channel, discord.TextChannel) else None
        self._channels: discord.ui.ChannelSelect[Any] = discord.ui.ChannelSelect(
            custom_id="channel",
            placeholder=_("Where their articles are posted"),
            channel_types=CHANNELS,
            default_values=[
                discord.SelectDefaultValue(id=self._channel_id, type=discord.SelectDefaultValueType.channel)
            ]
            if self._channel_id is not None
            else [],
        )
        self._chosen: list[Pack] = []
        self._menu.callback = self._pick  # type: ignore[method-assign]  # discord.py's documented way
        self._channels.callback = self._place  # type: ignore[method-assign]
        self.add_item(self._menu)
        self.add_item(self._channels)
        self._button: discord.ui.Button[Any] = discord.ui.Button(
            custom_id="take", label=_("Take these packs"), style=discord.ButtonStyle.primary
        )
        self._button.callback = self._take  # type: ignore[method-assign]
        self.add_item(self._button)

    async def _pick(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.defer()
        self._chosen = [self._packs[index] for index in sorted(int(value) for value in self._menu.values)]
        for option in self._menu.options:
            option.default = option.value in self._menu.values

    async def _place(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.defer()
        self._channel_id = self._channels.values[0].id

    async def _take(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.defer()
        if not self._chosen:
            raise UserError(_("Choose at least one pack from the menu first."))
        if self._channel_id is None:
            raise UserError(_("Choose a channel from the menu first."))
        topics = [(pack, await topic_of(interaction, pack, self._channel_id)) for pack in self._chosen]
        self.stop()
        texts = []
        for pack, topic in topics:
            texts.append(told(topic, pack, await take(interaction, pack, topic)))
        content = discord_limits.clip("\n".join(texts), discord_limits.CONTENT)
        await interaction.edit_original_response(content=content, embeds=[], view=None)


async def topic_of(interaction: Interaction, pack: Pack, channel_id: int) -> Topic:
    """The topic that has the pack's name and posts in the channel; it is made if there is none.

    Raises:
        UserError: the person or the bot may not do that there, or the name is taken.
    """
    guild, topics = params.guild_of(interaction), params.services_of(interaction.client).topics
    await member_permissions.require_channel(member_permissions.member_of(interaction), channel_id, Need.MANAGE)
    await bot_permissions.require(guild, channel_id)
    name = texts_of(pack).name
    for each in await topics.all(await viewer_of(interaction)):
        if each.topic.channel_id == channel_id and each.topic.name.casefold() == name.casefold():
            return each.topic
    return await topics.create(guild_id=guild.id, name=name, channel_id=channel_id, created_by=interaction.user.id)


async def take(interaction: Interaction, pack: Pack, topic: Topic) -> Packed:
    """Subscribe a topic to all of a pack, and show in the answer how far it is."""
    services = params.services_of(interaction.client)
    shown_at = services.topics.now() - PROGRESS_EVERY

    async def progress(done: int, of: int) -> None:
        nonlocal shown_at
        now = services.topics.now()
        if now - shown_at < PROGRESS_EVERY:
            return
        shown_at = now
        text = _("The topic **{topic}** is made. Reading the sources of **{pack}**: {done} of {of} …")
        try:
            await interaction.edit_original_response(
                content=text.format(topic=safe(topic.name), pack=safe(texts_of(pack).name), done=done, of=of),
                embeds=[],
                view=None,
            )
        except discord.HTTPException as error:
            log.info("progress could not be shown", error=str(error))

    return await services.packs.follow(pack, topic, added_by=interaction.user.id, progress=progress)


def told(topic: Topic, pack: Pack, found: Packed) -> str:
    """What came of a pack."""
    text = _("The topic **{topic}** posts in <#{channel}> now, with {sources} of **{pack}**.").format(
        topic=safe(topic.name),
        channel=topic.channel_id,
        sources=many("{n} source", "{n} sources", len(found.followed)),
        pack=safe(texts_of(pack).name),
    )
    if found.unread:
        text += "\n" + _("These could not be read; add them later with `/subscribe`:")
        text += "".join(f"\n- <{each.url}>: {safe(retold(each.reason))}" for each in found.unread[:NAMED])
    if len(found.unread) > NAMED:
        text += "\n" + many("… and {n} more", "… and {n} more", len(found.unread) - NAMED)
    return discord_limits.clip(text, discord_limits.CONTENT)


async def setup(bot: commands.Bot) -> None:
    await bot.add_cog(PackCommands())
