"""Autocomplete for topics and sources. It never raises: an empty list is better than an error while typing."""

import discord
from discord import app_commands

from bot import logs
from bot.errors import UserError
from bot.i18n import translation
from bot.i18n.translation import _
from bot.services import Services
from bot.services.sources import starter_packs
from bot.services.topics import colours as colour_names
from bot.services.topics.topic_options import suggest_zones
from bot.services.topics.topics import SUGGESTIONS
from cogs.ui.reader_access import viewer_of
from cogs.ui.replies import Interaction

log = logs.get(__name__)

LENGTH = 100
MOST = 25
AS_DISCORD = "-"
"""Instead of a language: the server's own setting."""


async def topics(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """The topics whose names hold what was typed, of those that the person may see."""
    if interaction.guild_id is None:
        return []
    try:
        names = await services_of(interaction.client).topics.suggest(await viewer_of(interaction), typed)
    except UserError:
        return []  # the next key asks again
    except Exception as error:  # noqa: BLE001 - no error may reach somebody who is typing
        log.warning("no suggestions", error=str(error))
        return []
    return [app_commands.Choice(name=name[:LENGTH], value=name[:LENGTH]) for name in names]


async def sources(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """What is followed where the person may see it, or only the topic's where one was chosen before."""
    return await _sources_of(interaction, typed, getattr(interaction.namespace, "topic", None))


async def every_source(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """What is followed where the person may see it, or only the topic's that it is to leave."""
    return await _sources_of(interaction, typed, getattr(interaction.namespace, "from_topic", None))


async def _sources_of(interaction: Interaction, typed: str, topic: object) -> list[app_commands.Choice[str]]:
    if interaction.guild_id is None:
        return []
    try:
        found = await services_of(interaction.client).following.suggest(
            await viewer_of(interaction), typed, str(topic) if topic else None
        )
    except UserError:
        return []  # the next key asks again
    except Exception as error:  # noqa: BLE001 - no error may reach somebody who is typing
        log.warning("no suggestions", error=str(error))
        return []
    return [app_commands.Choice(name=each.label[:LENGTH], value=str(each.feed_id)) for each in found]


async def languages(_interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """What is spoken, and that the server's own setting counts."""
    names = {AS_DISCORD: _("As the server is set in Discord"), **translation.languages()}
    wanted = typed.strip().casefold()
    return [
        app_commands.Choice(name=name[:LENGTH], value=value)
        for value, name in names.items()
        if wanted in name.casefold()
    ][:MOST]


async def zones(_interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Time zones whose names hold what was typed."""
    return [app_commands.Choice(name=name, value=name) for name in suggest_zones(typed, SUGGESTIONS)]


async def colours(_interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Colours whose names hold what was typed."""
    return [app_commands.Choice(name=name, value=value) for name, value in colour_names.suggest(typed)]


async def packs(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Starter packs whose names or descriptions hold what was typed."""
    found = services_of(interaction.client).packs.suggest(typed)
    texts = [(starter_packs.texts_of(pack), pack.name) for pack in found]
    labels = [(f"{each.name}: {each.description}" if each.description else each.name, name) for each, name in texts]
    return [app_commands.Choice(name=label[:LENGTH], value=name[:LENGTH]) for label, name in labels]


def services_of(client: discord.Client) -> Services:
    """What the client carries for its commands, see `bot.gateway.client`."""
    services = getattr(client, "services", None)
    assert isinstance(services, Services)
    return services


def guild_of(interaction: Interaction) -> discord.Guild:
    """The guild of a command that works in guilds only."""
    if interaction.guild is None:
        raise app_commands.NoPrivateMessage
    return interaction.guild


def channel_name(interaction: Interaction) -> str:
    """What the channel is called in which somebody is; empty where Discord does not say."""
    return str(getattr(interaction.channel, "name", None) or "")
