"""The list of articles that could not be posted, each with a row of its own: try again, or drop."""

from collections.abc import Awaitable, Callable, Collection
from typing import Any

import discord

from bot.excerpts import discord_limits
from bot.i18n.translation import _, many, number, retold
from bot.model import FailedArticle, FailedPage
from bot.services import Operating
from cogs.ui.replies import COLOUR, Interaction, linked, safe, say
from cogs.ui.views import OwnedView

Pressed = Callable[[discord.Interaction[Any]], Awaitable[None]]
Topics = Collection[int] | None
Mine = Callable[[discord.Interaction[Any]], Awaitable[Topics]]


class FailedPages(OwnedView):
    """Of the topics that the person may manage, or of all servers.

    Args:
        mine: the topics that count at this moment, asked at every press; None for all of the bot's.
    """

    def __init__(self, owner_id: int, operating: Operating, mine: Mine) -> None:
        super().__init__(owner_id, required=None)  # what they may not manage is not there
        self._operating = operating
        self._mine = mine
        self._number = 1

    async def first(self, interaction: Interaction) -> None:
        """Answer a deferred command with the first page."""
        page = await self._load(await self._mine(interaction), 1)
        await say(interaction, embeds=[_embed(page)], view=self if page.articles else None)

    async def _load(self, topics: Topics, wanted: int) -> FailedPage:
        page = await self._operating.failed(topics, page=wanted)
        self._number = page.number
        self.clear_items()
        for row, article in enumerate(page.articles):
            place = number(_place(page, row))
            replay = _("Replay {number}").format(number=place)
            drop = _("Drop {number}").format(number=place)
            self._add(replay, discord.ButtonStyle.primary, row, self._acting(self._operating.replay, article))
            self._add(drop, discord.ButtonStyle.danger, row, self._acting(self._operating.drop, article))
        if page.pages > 1:
            first, last = page.number == 1, page.number == page.pages
            self._add(_("◀ Newer"), discord.ButtonStyle.secondary, 4, self._turning(-1), disabled=first)
            self._add(_("Older ▶"), discord.ButtonStyle.secondary, 4, self._turning(1), disabled=last)
        return page

    def _add(
        self, label: str, style: discord.ButtonStyle, row: int, pressed: Pressed, *, disabled: bool = False
    ) -> None:
        button: discord.ui.Button[Any] = discord.ui.Button(label=label, style=style, row=row, disabled=disabled)
        button.callback = pressed  # type: ignore[method-assign,assignment]  # discord.py's documented way
        self.add_item(button)

    def _acting(self, act: Callable[[Topics, int], Awaitable[None]], article: FailedArticle) -> Pressed:
        async def pressed(interaction: discord.Interaction[Any]) -> None:
            await interaction.response.defer()
            topics = await self._mine(interaction)
            await act(topics, article.delivery_id)
            await self._show(interaction, topics, self._number)

        return pressed

    def _turning(self, by: int) -> Pressed:
        async def pressed(interaction: discord.Interaction[Any]) -> None:
            await interaction.response.defer()
            await self._show(interaction, await self._mine(interaction), self._number + by)

        return pressed

    async def _show(self, interaction: discord.Interaction[Any], topics: Topics, wanted: int) -> None:
        page = await self._load(topics, wanted)
        await interaction.edit_original_response(embeds=[_embed(page)], view=self)


def _place(page: FailedPage, row: int) -> int:
    return (page.number - 1) * 4 + row + 1


def _embed(page: FailedPage) -> discord.Embed:
    if not page.articles:
        return discord.Embed(description=_("No article has failed."), colour=COLOUR)
    lines = []
    for row, article in enumerate(page.articles):
        name = safe(article.title or _("Untitled"), 120)
        head = linked(name, article.link) if article.link else name
        reason = safe(retold(article.reason or "") or _("no reason given"), 300)
        lines.append(
            f"**{_place(page, row)}.** {head}\n-# {safe(article.source, 60)} → {safe(article.topic, 50)}, "
            f"<#{article.channel_id}>\n{reason}"
        )
    title, description = (
        _("Articles that were not posted"),
        discord_limits.clip("\n\n".join(lines), discord_limits.EMBED_DESCRIPTION),
    )
    footer = many("{n} article · page {page} of {pages}", "{n} articles · page {page} of {pages}", page.total)
    return discord.Embed(title=title, description=description, colour=COLOUR).set_footer(
        text=footer.format(page=number(page.number), pages=number(page.pages))
    )
