"""What Discord must allow a person for the bot to do something in a channel on their behalf."""

import discord

from bot.delivery.rights import Channel
from bot.model import Need, TopicOptions
from bot.words import N_


def lacking(given: discord.Permissions, channel: Channel, need: Need) -> tuple[str, ...]:
    """The permissions that a person with these ones lacks in a channel for it, by their English names in Discord.

    In a thread and in a forum Discord asks for others than in a channel of messages. Whoever manages a channel manages
    the threads in it that they see.
    """
    thread, forum = isinstance(channel, discord.Thread), isinstance(channel, discord.ForumChannel)
    missing = []
    if not given.view_channel:
        missing.append(N_("View Channel"))
    if need >= Need.POST:
        if thread and not given.send_messages_in_threads:
            missing.append(N_("Send Messages in Threads"))
        elif not thread and not given.send_messages:
            missing.append(N_("Create Posts") if forum else N_("Send Messages"))
    if need >= Need.MANAGE and not (given.manage_channels or (thread and given.manage_threads)):
        missing.append(N_("Manage Threads") if thread else N_("Manage Channels"))
    return tuple(missing)


def lacking_for(given: discord.Permissions, options: TopicOptions, role: discord.Role | None) -> tuple[str, ...]:
    """What a person lacks for what a topic's options have the bot do there.

    Args:
        role: the one that the topic mentions; None where there is none, or it was deleted.
    """
    wanted = {
        N_("Create Public Threads"): options.threads and not given.create_public_threads,
        N_("Manage Webhooks"): options.own_names and not given.manage_webhooks,
        N_("Mention @everyone, @here, and All Roles"): role is not None
        and not (role.mentionable and not role.is_default())
        and not given.mention_everyone,
    }
    return tuple(label for label, lacks in wanted.items() if lacks)


def manages_server(member: discord.Member) -> bool:
    """Whether a person decides for a whole server: by a role, not by the overwrites of a channel."""
    given = member.guild_permissions
    return given.administrator or given.manage_guild or given.manage_channels
