"""The bot does for a person only what that person may do there. Asked where a channel or topic is named, and at each press."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import discord

from bot.errors import UserError
from bot.i18n.translation import _
from bot.model import Need, Topic, TopicOptions, Viewer
from bot.permissions.authority import lacking, lacking_for, manages_server
from bot.permissions.member_rights import channel_of, rights_of
from bot.services import Services
from bot.services.topics.topics import unknown_topic
from cogs.ui import params
from cogs.ui.reader_access import viewer_of
from cogs.ui.replies import Interaction


def member_of(interaction: Interaction) -> discord.Member:
    """Who gave a command or pressed something in a server, with the roles of this moment.

    Raises:
        NoPrivateMessage: it was in a private chat.
        UserError: the person is timed out.
    """
    params.guild_of(interaction)
    person = interaction.user
    assert isinstance(person, discord.Member), "in a server Discord says who it is there"
    return awake(person)


def awake(member: discord.Member) -> discord.Member:
    """The member.

    Raises:
        UserError: they are timed out, so they can do nothing in the server, and nothing through the bot.
    """
    if member.is_timed_out():
        raise UserError(_("You are timed out in that server. Until that is over I change nothing there for you."))
    return member


async def require_channel(
    member: discord.Member, channel_id: int, need: Need, options: TopicOptions | None = None
) -> None:
    """Ask what the person may do in a channel that they chose; a channel that they cannot see is not there.

    Args:
        options: what a topic is to do there.

    Raises:
        UserError: it names what they lack.
    """
    channel = await channel_of(member.guild, channel_id)
    given = discord.Permissions.none() if channel is None else await rights_of(member, channel)
    if channel is None or not given.view_channel:
        raise UserError(_("I cannot see that channel. Give me View Channel there, or choose another channel."))
    missing = [*lacking(given, channel, need)]
    if options is not None:
        role = member.guild.get_role(options.mention_role) if options.mention_role is not None else None
        missing += lacking_for(given, options, role)
    if missing:
        raise _refused(missing, channel_id)


async def require_topic(member: discord.Member, topic: Topic, need: Need) -> Topic:
    """The topic, if the person may do that in the channel it has now. One whose channel they cannot see does not exist.

    Raises:
        UserError: they may not.
    """
    missing = await _lacking_in(member, topic, need)
    if missing is None:
        raise unknown_topic(topic.name)
    if missing:
        raise _refused(missing, topic.channel_id)
    return topic


async def may(member: discord.Member, topic: Topic, need: Need) -> bool:
    """Whether the person may do that in the topic's channel."""
    return not member.is_timed_out() and await _lacking_in(member, topic, need) == ()


async def topics_for(member: discord.Member, topics: Iterable[Topic], need: Need) -> tuple[Topic, ...]:
    """Those of the topics in whose channels the person may do that."""
    return tuple([topic for topic in topics if await may(member, topic, need)])


async def topics_of(interaction: Interaction, need: Need) -> tuple[Topic, ...]:
    """The server's topics in whose channels the person may do that."""
    found = await params.services_of(interaction.client).topics.all(await viewer_of(interaction))
    return await topics_for(member_of(interaction), [each.topic for each in found], need)


async def managing(member: discord.Member, services: Services, viewer: Viewer) -> Viewer:
    """Who sees only those of the topics that a person sees which they may manage, too."""
    topics = await topics_for(member, [each.topic for each in await services.topics.all(viewer)], Need.MANAGE)
    return replace(viewer, topics=frozenset(topic.id for topic in topics))


async def require_source(
    member: discord.Member, services: Services, viewer: Viewer, source: str, *, topic: str | None = None
) -> tuple[Viewer, str]:
    """Who may change a source: seen by them are only the topics in whose channels they may. And the source's number.

    Args:
        topic: the one in which it is to be changed; else it is in every topic that they may manage.

    Raises:
        UserError: they see no such source, or may manage none of the topics that follow it.
    """
    found = await services.tending.find(viewer, source)
    names = {each.topic for each in found.sources}
    following = [each.topic for each in await services.topics.all(viewer) if each.topic.name in names]
    if topic is not None:
        following = [each for each in following if each.name.casefold() == topic.strip().casefold()] or following
    mine = await topics_for(member, following, Need.MANAGE)
    if following and not mine:
        await require_topic(member, following[0], Need.MANAGE)
    return replace(viewer, topics=frozenset(each.id for each in mine)), str(found.feed_id)


async def topic_named(interaction: Interaction, name: str, need: Need) -> Topic:
    """The server's topic of this name, if the person may do that in its channel.

    Raises:
        UserError: there is none, for this person, or they may not.
    """
    services = params.services_of(interaction.client)
    member = member_of(interaction)
    topic = await services.topics.get(await viewer_of(interaction), name)
    if await _lacking_in(member, topic, need) is None:
        raise unknown_topic(name)
    return await require_topic(member, topic, need)


async def present_topic(interaction: Interaction, topic: Topic, need: Need) -> Topic:
    """The topic as it is now, for a press on what was shown before, if the person may still do that in its channel.

    Raises:
        UserError: it was deleted, also if another one has its name now, or they may not.
    """
    member = member_of(interaction)
    services = params.services_of(interaction.client)
    return await require_topic(member, await services.topics.current(topic), need)


def require_server(interaction: Interaction) -> discord.Member:
    """Who decides for the whole server.

    Raises:
        UserError: the person does not: the overwrites of a channel count for that channel alone.
    """
    member = member_of(interaction)
    if not manages_server(member):
        raise UserError(
            _(
                "This counts for the whole server: you need Manage Server or Manage Channels by one of your roles, "
                "not only in a channel. Ask somebody who runs the server."
            )
        )
    return member


async def _lacking_in(member: discord.Member, topic: Topic, need: Need) -> Sequence[str] | None:
    """What the person lacks; None where they cannot know of the topic."""
    channel = await channel_of(member.guild, topic.channel_id)
    if channel is None:
        # Nobody has rights in a channel that is gone: its topics are for who manages the server's channels.
        return () if manages_server(member) else None
    given = await rights_of(member, channel)
    return lacking(given, channel, need) if given.view_channel else None


def _refused(missing: Sequence[str], channel_id: int) -> UserError:
    names = ", ".join(f"**{_(label)}**" for label in missing)
    text = _(
        "You lack {permissions} in {channel}, so I do not do that there for you. Ask somebody who runs the server."
    )
    return UserError(text.format(permissions=names, channel=f"<#{channel_id}>"))


def require_manager(interaction: discord.Interaction[Any]) -> None:
    """Raises UserError where the person may not manage channels where they are: before a form is shown at all."""
    member = member_of(interaction)
    if not (interaction.permissions.manage_channels or interaction.permissions.administrator or manages_server(member)):
        raise UserError(_("You need the permission Manage Channels for this. Ask somebody who runs the server."))
