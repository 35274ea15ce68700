"""Autocomplete for topics and sources. It never raises: an empty list is better than an error while typing."""

import discord
from discord import app_commands

from bot import logs
from bot.errors import RiverpostError
from bot.feeds.urls import without_credentials
from cogs._replies import Interaction

log = logs.get(__name__)

MOST = 25
LENGTH = 100


async def topics(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """The guild's topics whose names hold what was typed."""
    if interaction.guild_id is None:
        return []
    try:
        found = await interaction.client.services.topics.all(interaction.guild_id)
    except RiverpostError as error:
        log.warning("no suggestions", error=str(error))
        return []
    names = [summary.topic.name for summary in found if typed.casefold() in summary.topic.name.casefold()]
    return [app_commands.Choice(name=name[:LENGTH], value=name[:LENGTH]) for name in names[:MOST]]


async def sources(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """What the guild follows, or only the topic's where one was chosen before."""
    if interaction.guild_id is None:
        return []
    topic = getattr(interaction.namespace, "topic", None)
    try:
        found = await interaction.client.services.following.sources(interaction.guild_id)
    except RiverpostError as error:
        log.warning("no suggestions", error=str(error))
        return []
    choices: dict[int, app_commands.Choice[str]] = {}
    for source in found:
        label = f"{source.title or without_credentials(source.url)} · {source.topic}"
        if topic and source.topic.casefold() != str(topic).casefold():
            continue
        if typed.casefold() in f"{label} {source.url}".casefold():
            choices.setdefault(source.feed_id, app_commands.Choice(name=label[:LENGTH], value=str(source.feed_id)))
    return list(choices.values())[:MOST]


def guild_of(interaction: Interaction) -> discord.Guild:
    """The guild of a command that works in guilds only."""
    if interaction.guild is None:
        raise app_commands.NoPrivateMessage
    return interaction.guild
