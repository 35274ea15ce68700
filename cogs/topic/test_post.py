"""/topic test: a sample in the channel, seen to be there, and taken away again; else what stands in the way."""

import asyncio

import discord

from bot import logs
from bot.errors import UserError
from bot.i18n.translation import _
from bot.messages import article_embed
from bot.model import Article, Topic
from bot.permissions import member_rights
from cogs.ui import bot_permissions

log = logs.get(__name__)

SECONDS = 20.0
Place = discord.TextChannel | discord.ForumChannel | discord.Thread


def sample(topic: Topic, article: Article | None) -> discord.Embed:
    """The newest article as the topic shows it; a made-up one where there is none."""
    if article is not None:
        return article_embed.embed(article, topic)
    colour = topic.colour if topic.colour is not None else article_embed.STANDARD_COLOUR
    text = _("This topic has no article yet. Its articles will have this colour.")
    return discord.Embed(title=_("A sample of {topic}").format(topic=topic.name), description=text, colour=colour)


async def try_out(guild: discord.Guild, topic: Topic, embed: discord.Embed) -> str:
    """Post the sample, look whether it arrived, and remove it. What to say about it.

    Raises:
        UserError: something stands in the way; it says what.
    """
    await bot_permissions.require(guild, topic.channel_id)
    await bot_permissions.require_for_options(guild, topic.channel_id, topic.options)
    channel = await member_rights.channel_of(guild, topic.channel_id)
    if not isinstance(channel, Place):
        raise UserError(
            _("I cannot post in {channel}. Choose another channel.").format(channel=f"<#{topic.channel_id}>")
        )
    notes = _notes(guild, topic)
    if isinstance(channel, discord.ForumChannel) and not channel.permissions_for(guild.me).manage_threads:
        said = _(
            "I may do all I need to in {channel}. I posted no sample, since I could not remove it again: "
            "in a forum that needs **Manage Threads**."
        ).format(channel=channel.mention)
        return "\n".join([said, *notes])
    try:
        async with asyncio.timeout(SECONDS):
            await _post_and_remove(channel, embed, silent=topic.options.silent)
    except (discord.HTTPException, discord.RateLimited, TimeoutError, OSError) as error:
        log.warning("a sample could not be posted", topic=topic.id, channel=topic.channel_id, error=str(error))
        reason = error.text if isinstance(error, discord.HTTPException) and error.text else _("Discord did not answer")
        raise UserError(
            _("Discord did not take the sample in {channel}: {reason}. Try again in a minute.").format(
                channel=channel.mention, reason=reason[:200]
            )
        ) from error
    said = _("It works: a sample was posted in {channel}, and removed again.").format(channel=channel.mention)
    return "\n".join([said, *notes])


async def _post_and_remove(channel: Place, embed: discord.Embed, *, silent: bool) -> None:
    nobody = discord.AllowedMentions.none()
    if isinstance(channel, discord.ForumChannel):
        tags = [tag for tag in channel.available_tags if not tag.moderated][:1] if channel.flags.require_tag else []
        made = await channel.create_thread(
            name=_("A sample"), embed=embed, applied_tags=tags, allowed_mentions=nobody, silent=silent
        )
        await made.thread.delete()
        return
    message = await channel.send(embed=embed, allowed_mentions=nobody, silent=silent)
    try:
        seen = await channel.fetch_message(message.id)
        if not seen.embeds:
            raise UserError(
                _("The sample arrived in {channel} without its embed. Allow me **Embed Links** there.").format(
                    channel=channel.mention
                )
            )
    finally:
        await message.delete()


def _notes(guild: discord.Guild, topic: Topic) -> list[str]:
    """What will not be as the topic wants it, though articles come."""
    role = guild.get_role(topic.options.mention_role) if topic.options.mention_role is not None else None
    notes = []
    if topic.options.mention_role is not None and role is None:
        notes.append(_("⚠️ The role that it mentions is gone: choose another with `/topic edit`."))
    channel = guild.get_channel_or_thread(topic.channel_id)
    if role is not None and channel is not None and not role.mentionable:
        may = channel.permissions_for(guild.me).mention_everyone
        text = _("⚠️ {role} will not be notified: allow anyone to mention it in its settings.")
        notes += [] if may else [text.format(role=role.mention)]
    if topic.paused:
        notes.append(_("⏸️ The topic is paused; `/topic resume` lets it go on."))
    return notes
