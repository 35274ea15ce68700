"""Words for who waits: what is being done, where it takes longer than a moment."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import discord

from bot import logs
from cogs.ui.replies import WAITING, Interaction

log = logs.get(__name__)

AFTER_SECONDS = 2.0
"""Most answers are there before."""


@contextlib.asynccontextmanager
async def saying(interaction: Interaction, text: str) -> AsyncIterator[None]:
    """Show the text in a deferred answer if the block takes longer than a moment; the answer takes its place.

    It is for commands and forms that were deferred with "thinking", whose first answer is still to come.
    """
    done = asyncio.Event()
    task = asyncio.create_task(_say_later(interaction, text, done))
    try:
        yield
    finally:
        done.set()
        await task  # it is short, and what it shows must not come after the answer


async def _say_later(interaction: Interaction, text: str, done: asyncio.Event) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(done.wait(), AFTER_SECONDS)
    if done.is_set():
        return
    try:
        await interaction.edit_original_response(content=text)
    except discord.HTTPException as error:
        log.info("what is being done could not be shown", error=str(error))
        return
    interaction.extras[WAITING] = True
