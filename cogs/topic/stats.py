"""/source stats and /topic stats: a chart of articles per week and source, with the numbers in text beside it."""

import io

import discord
from discord import app_commands
from discord.ext import commands

from bot.excerpts import discord_limits
from bot.i18n.translation import _, many
from bot.services.reading.statistics import WEEKS, Figures
from cogs.ui import params
from cogs.ui.reader_access import viewer_of
from cogs.ui.replies import COLOUR, Interaction, safe

PICTURE = "articles.png"
MAX_LINES = 25
MAX_ALT = 1024
"""Characters of a picture's description that Discord takes."""


async def _show(interaction: Interaction, figures: Figures) -> None:
    lines = [
        f"{number}. **{safe(each.name, 80)}** · {_numbers(each.articles)}"
        for number, each in enumerate(figures.sources[:MAX_LINES], start=1)
    ]
    left = len(figures.sources) - MAX_LINES
    if left > 0:
        lines.append(many("… and {n} source more", "… and {n} sources more", left))
    title = _("{name}: articles in the last {weeks} weeks").format(name=figures.title[:150], weeks=WEEKS)
    text = "\n".join(lines) or _(
        "There is no source here yet. Somebody who manages channels adds one with `/subscribe`."
    )
    embed = discord.Embed(
        title=title, description=discord_limits.clip(text, discord_limits.EMBED_DESCRIPTION), colour=COLOUR
    )
    files = []
    if figures.sources:
        files = [discord.File(io.BytesIO(figures.picture), PICTURE, description=_alt(title, figures))]
        embed.set_image(url=f"attachment://{PICTURE}")
    await interaction.edit_original_response(embeds=[embed], attachments=files)


def _numbers(articles: tuple[int, ...]) -> str:
    total = sum(articles)
    said = many("{n} article", "{n} articles", total)
    if not total:
        return said
    recent = _("{n} in the last 7 days").format(n=f"{articles[-1]:,}")
    if total == articles[-1]:
        return f"{said} · {recent}"  # a source that is new says nothing about its pace yet
    weekly = total / len(articles)
    pace = _("less than 1 a week") if weekly < 1 else _("{n} a week").format(n=f"{weekly:.0f}")
    return f"{said} · {pace} · {recent}"


def _alt(title: str, figures: Figures) -> str:
    """What the picture shows, for who does not see it."""
    weeks = [sum(column) for column in zip(*(each.articles for each in figures.sources), strict=True)]
    said = _("Bars, week by week, the oldest first: {numbers}.").format(
        numbers=", ".join(f"{each:,}" for each in weeks)
    )
    sources = ", ".join(f"{each.name[:60]} {sum(each.articles):,}" for each in figures.sources[:MAX_LINES])
    return f"{title}. {said} {sources}."[:MAX_ALT]


async def setup(bot: commands.Bot) -> None:
    """The commands join groups that other cogs made, so that one module shows all charts."""
    statistics = params.services_of(bot).statistics

    @app_commands.describe(name="The topic")
    @app_commands.autocomplete(name=params.topics)
    async def of_topic(interaction: Interaction, name: str) -> None:
        await interaction.response.defer(ephemeral=True)
        await _show(interaction, await statistics.of_topic(await viewer_of(interaction), name))

    @app_commands.describe(source="The source")
    @app_commands.autocomplete(source=params.sources)
    async def of_source(interaction: Interaction, source: str) -> None:
        await interaction.response.defer(ephemeral=True)
        await _show(interaction, await statistics.of_source(await viewer_of(interaction), source))

    _group(bot, "topic").command(name="stats", description="Show how much a topic's sources publish, as a chart")(
        of_topic
    )
    _group(bot, "source").command(name="stats", description="Show how much a source publishes, as a chart")(of_source)


def _group(bot: commands.Bot, name: str) -> app_commands.Group:
    group = bot.tree.get_command(name)
    assert isinstance(group, app_commands.Group), "its cog is loaded before"
    return group
