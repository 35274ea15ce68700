"""/latest and /search: pages of articles, for the reader alone."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.delivery import excerpt
from bot.feeds.urls import without_credentials
from bot.model import Article, Page
from bot.services import Services
from cogs import _params
from cogs._replies import COLOUR, Interaction, ago, safe
from cogs._views import Pages

EXCERPT = 160


@app_commands.guild_only()
class ReadingCommands(commands.Cog):
    """Reading what came."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @app_commands.command(description="Read the newest articles, page by page")
    @app_commands.describe(topic="Only this topic")
    @app_commands.autocomplete(topic=_params.topics)
    @app_commands.guild_only()
    async def latest(self, interaction: Interaction, topic: str | None = None) -> None:
        await interaction.response.defer(ephemeral=True)
        guild_id = _params.guild_of(interaction).id
        services = self._services
        chosen = await services.topics.get(guild_id, topic) if topic else None
        title = f"Latest in {chosen.name}" if chosen else "Latest articles"

        async def page(number: int) -> tuple[list[discord.Embed], int, int]:
            found = await services.reading.latest(guild_id, topic, page=number)
            empty = "No articles yet. Follow a source with `/subscribe`."
            return [_embed(found, title, empty)], found.number, found.pages

        await Pages(interaction.user.id, page).first(interaction)

    @app_commands.command(description="Search all articles by words")
    @app_commands.describe(query="Words that must occur in title or text", topic="Only this topic")
    @app_commands.autocomplete(topic=_params.topics)
    @app_commands.guild_only()
    async def search(self, interaction: Interaction, query: str, topic: str | None = None) -> None:
        await interaction.response.defer(ephemeral=True)
        guild_id = _params.guild_of(interaction).id
        services = self._services
        asked = safe(query, 100)

        async def page(number: int) -> tuple[list[discord.Embed], int, int]:
            found = await services.reading.search(guild_id, query, topic, page=number)
            empty = "Nothing found. Try fewer or other words; every word must occur."
            return [_embed(found, f"“{asked}”", empty)], found.number, found.pages

        await Pages(interaction.user.id, page).first(interaction)


def _embed(page: Page, title: str, empty: str) -> discord.Embed:
    if not page.articles:
        return discord.Embed(title=title[:256], description=empty, colour=COLOUR)
    embed = discord.Embed(
        title=title[:256], description="\n\n".join(_article(each) for each in page.articles)[:4096], colour=COLOUR
    )
    return embed.set_footer(
        text=f"{page.total:,} article{'' if page.total == 1 else 's'} · page {page.number:,} of {page.pages:,}"
    )


def _article(article: Article) -> str:
    name = safe(article.title or "Untitled", 150)
    head = f"**[{name}](<{article.link}>)**" if article.link else f"**{name}**"
    text = excerpt.markdown(article.text, base_url=None, title=article.title, limit=EXCERPT, link=None)
    source = safe(article.source_title or without_credentials(article.feed_url), 60)
    return f"{head}\n-# {source} · {ago(article.published_at or article.seen_at)}\n{' '.join(text.split())}".rstrip()


async def setup(bot: commands.Bot) -> None:
    await bot.add_cog(ReadingCommands(_params.services_of(bot)))
