"""The pages of /saved, with two buttons for each article; and what stands under posts, which works after a restart too."""

import re
from collections.abc import Sequence
from typing import Any, Self

import discord

from bot.errors import UserError
from bot.excerpts import discord_limits
from bot.i18n.translation import _, many
from bot.messages.save_buttons import KEEP, SAVE
from bot.model import Saved
from bot.services.personal.saved_articles import Kept, Saving
from cogs.ui import params
from cogs.ui.replies import COLOUR, Interaction, ago, linked, report, safe, say
from cogs.ui.views import Pages


class SavedPages(Pages):
    """Pages of what the owner saved. An article that is marked or removed makes room for the next one."""

    def __init__(self, owner_id: int, saving: Saving, *, done: bool) -> None:
        super().__init__(owner_id, self._page)
        self.saving = saving
        self.done = done
        self._turning = list(self.children)
        self._items: tuple[Saved, ...] = ()

    async def _page(self, _turning: Interaction, number: int) -> tuple[list[discord.Embed], int, int]:
        found = await self.saving.page(self.owner_id, done=self.done, number=number)
        self._items = found.items
        title = _("Read") if self.done else _("Saved for later")
        shown = discord.Embed(title=title, colour=COLOUR)
        if not found.items:
            shown.description = (
                _("Nothing here yet. What you mark as read in `/saved` moves here.")
                if self.done
                else _("Nothing here. Press 🔖 under an article, or choose Apps → Save for later in a message's menu.")
            )
            return [shown], found.number, found.pages
        shown.description = discord_limits.clip(
            "\n\n".join(_line(n, item) for n, item in enumerate(found.items, 1)), discord_limits.EMBED_DESCRIPTION
        )
        place = _("page {number} of {pages}").format(number=f"{found.number:,}", pages=f"{found.pages:,}")
        shown.set_footer(text=f"{many('{n} article', '{n} articles', found.total)} · {place}")
        return [shown], found.number, found.pages

    def has_buttons(self) -> bool:
        return bool(self._items)

    def _update(self) -> None:
        super()._update()
        self.clear_items()
        for each in self._turning if self.pages > 1 else ():
            self.add_item(each)
        for n, item in enumerate(self._items, 1):
            self.add_item(_Mark(item.id, n, done=not self.done))
        for n, item in enumerate(self._items, 1):
            self.add_item(_Remove(item.id, n))


class _Mark(discord.ui.Button[SavedPages]):
    def __init__(self, saved_id: int, number: int, *, done: bool) -> None:
        super().__init__(label=str(number), emoji="✅" if done else "↩️", style=discord.ButtonStyle.secondary, row=1)
        self._saved_id = saved_id
        self._done = done

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        assert self.view is not None
        await interaction.response.defer()  # in time, also while the database is busy
        await self.view.saving.mark(interaction.user.id, self._saved_id, done=self._done)
        await self.view.turn(interaction, self.view.number)


class _Remove(discord.ui.Button[SavedPages]):
    def __init__(self, saved_id: int, number: int) -> None:
        super().__init__(label=str(number), emoji="🗑️", style=discord.ButtonStyle.secondary, row=2)
        self._saved_id = saved_id

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        assert self.view is not None
        await interaction.response.defer()  # in time, also while the database is busy
        await self.view.saving.remove(interaction.user.id, self._saved_id)
        await self.view.turn(interaction, self.view.number)


class SaveButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=rf"{SAVE}(?P<entry>\d{{1,18}})"):
    """Under a post of one article."""

    def __init__(self, button: discord.ui.Button[Any], entry_id: int) -> None:
        super().__init__(button)
        self._entry_id = entry_id

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        assert isinstance(item, discord.ui.Button)
        return cls(item, int(match["entry"]))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        await save(interaction, [self._entry_id], shown_by(interaction))


class SaveMenu(discord.ui.DynamicItem[discord.ui.Select[Any]], template=rf"{KEEP}(?::(?P<message>\d{{1,20}}))?"):
    """Under a post of several articles; or in an answer to one person, and then its id says whose articles it has."""

    def __init__(self, menu: discord.ui.Select[Any], message_id: int | None) -> None:
        super().__init__(menu)
        self._message_id = message_id

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        assert isinstance(item, discord.ui.Select)
        return cls(item, int(match["message"]) if match["message"] else None)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        entry_ids = [int(value) for value in self.item.values if value.isdecimal()]
        message = shown_by(interaction)
        await save(interaction, entry_ids, message if self._message_id is None else (message[0], self._message_id))


def shown_by(interaction: Interaction) -> tuple[int | None, int]:
    """The server and the message that shows what was pressed; of a published message that another channel follows, the original."""
    message = interaction.message
    assert message is not None, "buttons and menus stand under messages"
    original = message.reference
    if message.flags.is_crossposted and original is not None and original.message_id is not None:
        return original.guild_id, original.message_id
    return interaction.guild_id, message.id


async def save(interaction: Interaction, entry_ids: Sequence[int], message: tuple[int | None, int]) -> None:
    """Save what a message shows for whoever pressed, and say so to them alone.

    Answers always: discord.py only logs what is raised here.
    """
    try:
        if not interaction.response.is_done():
            await interaction.response.defer(ephemeral=True, thinking=True)
        if interaction.guild_id is not None and not interaction.permissions.view_channel:
            raise UserError(_("You may not see this channel any more."))
        services, (guild_id, message_id) = params.services_of(interaction.client), message
        found = await services.saving.save(interaction.user.id, entry_ids, guild_id=guild_id, message_id=message_id)
        await say(interaction, kept(found))
    except Exception as error:  # noqa: BLE001 - every error is answered, and a bug logged by `report`
        await report(interaction, error)


def kept(found: Kept) -> str:
    """What to say of what was saved."""
    if not found.now:
        return _("You saved that before. `/saved` shows it.")
    if len(found.now) == 1 and not found.before:
        return _("Saved: **{title}**. `/saved` shows what you keep.").format(title=safe(found.now[0].title, 150))
    saved = many("{n} article is saved.", "{n} articles are saved.", len(found.now))
    return f"{saved} {_('`/saved` shows what you keep.')}"


def _line(number: int, item: Saved) -> str:
    title = safe(item.title or _("Untitled"), 150)
    head = f"**{number}.** " + (f"**{linked(title, item.link)}**" if item.link else f"**{title}**")
    when = _("saved {when}").format(when=ago(item.saved_at))
    return f"{head}\n-# {safe(item.source, 60)} · {ago(item.published_at)} · {when}"
