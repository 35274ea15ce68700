"""All commands as they are published, without Discord, database or token."""

import asyncio
import dataclasses
import inspect
from typing import Any, cast

import discord

from bot.gateway.client import EXTENSIONS, RiverpostBot
from bot.services import Services
from cogs.help.catalogue import Command


async def load() -> RiverpostBot:
    """The client with all extensions; its services cannot be used."""
    nothing = {field.name: object() for field in dataclasses.fields(Services)}
    bot = RiverpostBot(services=cast(Any, Services)(**nothing), permits=lambda _guild_id: True)
    for extension in EXTENSIONS:
        await bot.load_extension(extension)
    return bot


def top_level(bot: RiverpostBot) -> list[Command]:
    """Slash commands and groups, then what stands in the menus of messages and people; by name."""
    kinds = (discord.AppCommandType.chat_input, discord.AppCommandType.message, discord.AppCommandType.user)
    listed: list[Command] = []
    for kind in kinds:
        listed += sorted(cast(list[Command], bot.tree.get_commands(type=kind)), key=lambda each: each.name)
    return listed


def run(work: Any) -> Any:
    """The result of a coroutine function that takes the client."""

    async def main() -> Any:
        done = work(await load())
        return await done if inspect.isawaitable(done) else done

    return asyncio.run(main())
