"""/saved, the menu entries of messages, and the buttons under posts."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.i18n.translation import _
from bot.messages import save_buttons
from bot.model import Article
from bot.posting.discord.message_parts import view_of
from bot.services import Services
from cogs.saved.buttons import SaveButton, SavedPages, SaveMenu, save
from cogs.ui import params
from cogs.ui.article_list import river
from cogs.ui.reader_access import viewer_of
from cogs.ui.replies import Interaction, say
from cogs.ui.views import Choose


class SavingCommands(commands.Cog):
    """What a person keeps."""

    def __init__(self, services: Services) -> None:
        self._saving = services.saving

    @app_commands.command(description="Read what you saved for later")
    @app_commands.describe(show="What you still want to read, or what you marked as read")
    @app_commands.choices(
        show=[app_commands.Choice(name="to read", value="unread"), app_commands.Choice(name="read", value="read")]
    )
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def saved(self, interaction: Interaction, show: str = "unread") -> None:
        await interaction.response.defer(ephemeral=True)
        await SavedPages(interaction.user.id, self._saving, done=show == "read").first(interaction)


@app_commands.context_menu(name="Save for later")
@app_commands.guild_only()
async def save_for_later(interaction: Interaction, message: discord.Message) -> None:
    """Save the article of a message; of several, those that are chosen from a menu."""
    await interaction.response.defer(ephemeral=True)
    services = params.services_of(interaction.client)
    found = await services.saving.shown_in(params.guild_of(interaction).id, message.id)
    if len(found) == 1:
        await save(interaction, [found[0].entry_id], (interaction.guild_id, message.id))
        return
    menu = view_of([save_buttons.row(found, message_id=message.id)])
    await say(interaction, _("Which of these do you want to save?"), view=menu)


@app_commands.context_menu(name="More from this source")
@app_commands.guild_only()
async def more_from_this_source(interaction: Interaction, message: discord.Message) -> None:
    """The river of the source of a message; of several sources, of the one that is chosen."""
    await interaction.response.defer(ephemeral=True)
    services, viewer = params.services_of(interaction.client), await viewer_of(interaction)
    by_source: dict[int, Article] = {}
    for article in await services.saving.shown_in(viewer.guild_id, message.id):
        by_source.setdefault(article.feed_id, article)
    sources = list(by_source)

    async def show(chosen: Interaction, index: int) -> None:
        place = await services.reading.source(await viewer_of(chosen), sources[index])
        await river(chosen, services.reading.river(place), place.source)

    if len(sources) == 1:
        await show(interaction, 0)
        return
    options = [(article.source_title or _("Untitled"), article.title) for article in by_source.values()]
    await say(interaction, _("Of which source?"), view=Choose(interaction.user.id, options, show, required=None))


async def setup(bot: commands.Bot) -> None:
    await bot.add_cog(SavingCommands(params.services_of(bot)))
    bot.add_dynamic_items(SaveButton, SaveMenu)
    for menu in (save_for_later, more_from_this_source):
        bot.tree.add_command(menu, override=True)
