"""/subscribe, /unsubscribe, /sources."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.delivery import render
from bot.feeds.urls import without_credentials
from bot.model import FeedState, SourceStatus
from bot.services import Services
from bot.services.following import Followed, title_of
from cogs import _params, _permissions
from cogs._replies import COLOUR, Interaction, ago, safe, say
from cogs._views import Choose, Pages

PER_PAGE = 10
LONGEST_ADDRESS = 200
"""Characters of an address that is shown in a list: ten lines share one embed."""


@app_commands.guild_only()
class FollowingCommands(commands.Cog):
    """Managing what a topic follows."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @app_commands.command(description="Follow a site or feed in a topic")
    @app_commands.describe(source="The address of a site or of its feed", topic="Where its articles go")
    @app_commands.autocomplete(topic=_params.topics)
    @app_commands.default_permissions(manage_channels=True)
    @app_commands.guild_only()
    async def subscribe(self, interaction: Interaction, source: str, topic: str) -> None:
        await interaction.response.defer(ephemeral=True)
        guild = _params.guild_of(interaction)
        chosen = await self._services.topics.get(guild.id, topic)
        _permissions.require(guild, chosen.channel_id)
        following = self._services.following
        answer = await following.subscribe(guild_id=guild.id, topic=topic, source=source, added_by=interaction.user.id)
        if isinstance(answer, Followed):
            await _show(interaction, answer)
            return
        feeds = answer.found

        async def picked(click: discord.Interaction[Any], index: int) -> None:
            await _show(click, await following.follow(chosen, feeds[index], added_by=click.user.id))

        options = [(each.title, f"{_count(each.entries)} · {_short(each.url)}") for each in feeds]
        await say(
            interaction,
            f"That site has {len(feeds)} feeds. Which one shall **{safe(chosen.name)}** follow?",
            view=Choose(interaction.user.id, options, picked),
        )

    @app_commands.command(description="Stop following a source in a topic")
    @app_commands.describe(source="What to stop following", topic="The topic that follows it")
    @app_commands.autocomplete(topic=_params.topics, source=_params.sources)
    @app_commands.default_permissions(manage_channels=True)
    @app_commands.guild_only()
    async def unsubscribe(self, interaction: Interaction, source: str, topic: str) -> None:
        await interaction.response.defer(ephemeral=True)
        gone = await self._services.following.unsubscribe(
            guild_id=_params.guild_of(interaction).id, topic=topic, source=source
        )
        await say(
            interaction,
            f"**{safe(gone.topic)}** no longer follows **{safe(title_of(gone))}**. What was posted stays.",
        )

    @app_commands.command(description="Show what this server follows, and how it is doing")
    @app_commands.describe(topic="Only this topic")
    @app_commands.autocomplete(topic=_params.topics)
    @app_commands.guild_only()
    async def sources(self, interaction: Interaction, topic: str | None = None) -> None:
        await interaction.response.defer(ephemeral=True)
        guild_id = _params.guild_of(interaction).id
        following = self._services.following

        async def page(number: int) -> tuple[list[discord.Embed], int, int]:
            found = await following.sources(guild_id, topic)
            pages = max(1, -(-len(found) // PER_PAGE))
            number = min(max(1, number), pages)
            return [_sources_embed(found, number)], number, pages

        await Pages(interaction.user.id, page).first(interaction)


async def _show(interaction: discord.Interaction[Any], followed: Followed) -> None:
    topic = followed.topic
    word = "follows already" if followed.already else "follows now"
    text = f"**{safe(topic.name)}** {word}: **{safe(followed.title)}**\n<{followed.url}>"
    if followed.newest is None:
        await say(
            interaction, f"{text}\nIt has no articles yet; the first one will be posted in <#{topic.channel_id}>."
        )
        return
    text += f"\nThis is how its articles will look in <#{topic.channel_id}>:"
    await say(interaction, text, embeds=[render.embed(followed.newest, topic)])


def _count(articles: int) -> str:
    return "no articles yet" if articles == 0 else "1 article" if articles == 1 else f"{articles} articles"


def _short(url: str) -> str:
    """An address without what every address has: room in a menu is scarce."""
    return without_credentials(url).partition("://")[2].removeprefix("www.")


def _sources_embed(found: tuple[SourceStatus, ...], number: int) -> discord.Embed:
    if not found:
        return discord.Embed(description="Nothing is followed yet. Add a source with `/subscribe`.", colour=COLOUR)
    shown = found[(number - 1) * PER_PAGE : number * PER_PAGE]
    title = f"{len(found):,} source" + ("" if len(found) == 1 else "s")
    return discord.Embed(title=title, description="\n".join(_line(each) for each in shown)[:4096], colour=COLOUR)


def _line(source: SourceStatus) -> str:
    name = safe(title_of(source), 80)
    site = source.site_url or without_credentials(source.url)
    pace = source.articles_last_28_days / 4
    week = "no articles lately" if pace == 0 else f"{pace:.0f} a week" if pace >= 1 else "less than 1 a week"
    checks = f"checked {ago(source.last_success_at)}, next {ago(source.next_poll_at)}"
    line = f"{_state(source)} [{name}](<{site}>) → {safe(source.topic, 50)}\n-# {week} · {checks}"
    if source.suggested_url and len(source.suggested_url) <= LONGEST_ADDRESS:
        line += (
            f"\n-# Its site has another feed: <{source.suggested_url}>. "
            "To switch, add that with `/subscribe`, then remove this one with `/unsubscribe`."
        )
    return line


def _state(source: SourceStatus) -> str:
    if source.state is FeedState.GONE:
        return f"⛔ gone ({safe(source.last_error or 'no reason given', 120)}):"
    if source.state is FeedState.PAUSED:
        return "⏸️ paused:"
    if source.failures:
        return f"⚠️ failing ({safe(source.last_error or 'no reason given', 120)}):"
    return "✅" if source.last_success_at else "⏳ first check soon:"


async def setup(bot: commands.Bot) -> None:
    await bot.add_cog(FollowingCommands(_params.services_of(bot)))
