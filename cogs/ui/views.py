"""Buttons and menus: pages, a choice of feeds, a confirmation. Only who asked may press them."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import discord

from bot.errors import RightsUnknown, UserError
from bot.i18n.translation import _, number
from cogs.ui.replies import ExpiringView, Interaction, report, say

TIMEOUT_SECONDS = 300.0
CHECK_SECONDS = 2.0
"""For asking whether a person still may: Discord waits 3 seconds for an answer to a press."""
MAX_OPTION = 100
MAX_OPTIONS = 25
"""Discord shows no more in a menu."""

NEWEST = 0
OLDEST = 1_000_000_000
MIN_TO_JUMP = 3
"""With two pages, the other buttons lead everywhere."""

Required = Callable[[discord.Interaction[Any]], Awaitable[object]]
"""Raises `UserError` where the person may not press that now."""
PageMaker = Callable[[discord.Interaction[Any], int], Awaitable[tuple[list[discord.Embed], int, int]]]
"""From who turns the page, and its number, to its embeds, the number it has, and how many pages there are.

It is asked for `NEWEST` and `OLDEST` too: numbers that are too low or too high mean the nearest page.
"""


class OwnedView(ExpiringView):
    """A view of one person, whose errors are answered and whose end is said.

    Args:
        required: asked at every press, since rights may be taken away while it stands there; None where it changes
            nothing of a server's.
    """

    def __init__(self, owner_id: int, *, required: Required | None) -> None:
        super().__init__(timeout=TIMEOUT_SECONDS)
        self.owner_id = owner_id
        self._required = required

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        if interaction.user.id != self.owner_id:
            await say(
                interaction, _("These buttons belong to somebody else. Use the command yourself to get your own.")
            )
            return False
        if self._required is not None:
            await checked(self._required(interaction))
        return True

    async def on_error(self, interaction: discord.Interaction[Any], error: Exception, _item: Any, /) -> None:
        await report(interaction, error)


async def checked(question: Awaitable[object]) -> None:
    """Ask before a press is acknowledged.

    Raises:
        UserError: the person may not, or Discord does not say in time whether they may.
    """
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            await question
    except TimeoutError:
        raise RightsUnknown(
            _("Discord does not tell me just now what you may see and do there. Please try again in a minute.")
        ) from None


class Pages(OwnedView):
    """Pages with buttons for older and newer, or in a list without dates the next and the one before, and a jump to any."""

    def __init__(self, owner_id: int, make: PageMaker, *, dated: bool = True) -> None:
        super().__init__(owner_id, required=None)
        self._make = make
        self.number, self.pages = 1, 1
        self.newest.label, self.oldest.label = _("⏮ First"), _("Last ⏭")
        self.newer.label = _("◀ Newer") if dated else _("◀ Previous")
        self.older.label = _("Older ▶") if dated else _("Next ▶")

    async def first(self, interaction: Interaction) -> None:
        """Answer a deferred command with the first page."""
        embeds, self.number, self.pages = await self._make(interaction, NEWEST)
        self._update()
        await say(interaction, embeds=embeds, view=self if self.has_buttons() else None)

    def has_buttons(self) -> bool:
        """Whether there is anything to press."""
        return self.pages > 1

    async def turn(self, interaction: discord.Interaction[Any], number: int) -> None:
        """Show another page in place of this one."""
        if not interaction.response.is_done():
            await interaction.response.defer()
        embeds, self.number, self.pages = await self._make(interaction, number)
        self._update()
        await interaction.edit_original_response(embeds=embeds, view=self if self.has_buttons() else None)

    def _update(self) -> None:
        self.newest.disabled = self.newer.disabled = self.number <= 1
        self.older.disabled = self.oldest.disabled = self.number >= self.pages
        self.where.label = f"{number(self.number)} / {number(self.pages)}"
        self.where.disabled = self.pages < MIN_TO_JUMP

    @discord.ui.button(style=discord.ButtonStyle.secondary)
    async def newest(self, interaction: discord.Interaction[Any], _button: discord.ui.Button[Any]) -> None:
        await self.turn(interaction, NEWEST)

    @discord.ui.button(style=discord.ButtonStyle.secondary)
    async def newer(self, interaction: discord.Interaction[Any], _button: discord.ui.Button[Any]) -> None:
        await self.turn(interaction, self.number - 1)

    @discord.ui.button(label="1 / 1", style=discord.ButtonStyle.secondary)
    async def where(self, interaction: discord.Interaction[Any], _button: discord.ui.Button[Any]) -> None:
        await interaction.response.send_modal(Jump(self))

    @discord.ui.button(style=discord.ButtonStyle.secondary)
    async def older(self, interaction: discord.Interaction[Any], _button: discord.ui.Button[Any]) -> None:
        await self.turn(interaction, self.number + 1)

    @discord.ui.button(style=discord.ButtonStyle.secondary)
    async def oldest(self, interaction: discord.Interaction[Any], _button: discord.ui.Button[Any]) -> None:
        await self.turn(interaction, OLDEST)


class Jump(discord.ui.Modal):
    """Asks for a page's number. What is not quite a page leads to the nearest one."""

    def __init__(self, pages: Pages) -> None:
        super().__init__(title=_("Go to a page"), timeout=TIMEOUT_SECONDS)
        self._pages = pages
        self._number: discord.ui.TextInput[Any] = discord.ui.TextInput(
            custom_id="page", default=str(pages.number), max_length=12
        )
        label = _("Page, from 1 to {last}").format(last=f"{pages.pages:,}")
        self.add_item(discord.ui.Label(text=label, component=self._number))

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        digits = "".join(character for character in self._number.value if character.isdecimal())
        if not digits:
            raise UserError(_("That is no page. Type a number from 1 to {last}.").format(last=f"{self._pages.pages:,}"))
        await self._pages.turn(interaction, min(max(1, int(digits)), OLDEST))

    async def on_error(  # type: ignore[override]  # as of every modal: there is no item
        self, interaction: discord.Interaction[Any], error: Exception, /
    ) -> None:
        await report(interaction, error)


class ChooseSeveral(OwnedView):
    """A menu; `chosen` is called with the indexes of what was picked, in the menu's order.

    Args:
        placeholder: what the menu says before something is picked.
        most: how many may be picked at once.
    """

    def __init__(
        self,
        owner_id: int,
        options: Sequence[tuple[str, str]],
        chosen: Callable[[discord.Interaction[Any], Sequence[int]], Awaitable[None]],
        *,
        required: Required | None,
        placeholder: str | None = None,
        most: int = MAX_OPTIONS,
    ) -> None:
        super().__init__(owner_id, required=required)
        self._chosen = chosen
        listed = options[:MAX_OPTIONS]
        self._menu: discord.ui.Select[Any] = discord.ui.Select(
            placeholder=placeholder or _("Choose one or several"),
            max_values=max(1, min(most, len(listed))),
            options=[
                discord.SelectOption(label=_cut(label), description=_cut(description) or None, value=str(index))
                for index, (label, description) in enumerate(listed)
            ],
        )
        self._menu.callback = self._pick  # type: ignore[method-assign]  # discord.py's documented way
        self.add_item(self._menu)

    async def _pick(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.defer(ephemeral=True)
        await self._chosen(interaction, sorted(int(value) for value in self._menu.values))
        self.stop()
        await interaction.edit_original_response(view=None)  # a menu that was used is dead


class Choose(ChooseSeveral):
    """A menu in which one is picked; `chosen` is called with its index."""

    def __init__(
        self,
        owner_id: int,
        options: Sequence[tuple[str, str]],
        chosen: Callable[[discord.Interaction[Any], int], Awaitable[None]],
        *,
        required: Required | None,
        placeholder: str | None = None,
    ) -> None:
        async def one(interaction: discord.Interaction[Any], indexes: Sequence[int]) -> None:
            await chosen(interaction, indexes[0])

        super().__init__(owner_id, options, one, required=required, placeholder=placeholder or _("Choose one"), most=1)


def _cut(text: str) -> str:
    """At most what Discord takes for a line of a menu."""
    return text if len(text) <= MAX_OPTION else text[: MAX_OPTION - 1].rstrip() + "…"


class Confirm(OwnedView):
    """One dangerous button and a way out."""

    def __init__(
        self, owner_id: int, label: str, confirmed: Callable[[], Awaitable[str]], *, required: Required | None
    ) -> None:
        super().__init__(owner_id, required=required)
        self._confirmed = confirmed
        self.yes.label = label
        self.no.label = _("Keep it")

    @discord.ui.button(style=discord.ButtonStyle.danger)
    async def yes(self, interaction: discord.Interaction[Any], _button: discord.ui.Button[Any]) -> None:
        await interaction.response.defer()
        text = await self._confirmed()
        self.stop()
        await interaction.edit_original_response(content=text, embeds=[], view=None)

    @discord.ui.button(style=discord.ButtonStyle.secondary)
    async def no(self, interaction: discord.Interaction[Any], _button: discord.ui.Button[Any]) -> None:
        self.stop()
        await interaction.response.edit_message(content=_("Nothing was changed."), embeds=[], view=None)
