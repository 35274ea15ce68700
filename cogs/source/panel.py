"""The panel of a source: how it is doing, with buttons for what its managers can do; and the list that opens it."""

from collections.abc import Awaitable, Callable
from typing import Any

import discord

from bot.i18n.translation import _
from bot.model import FeedState, Need, SourceStatus, Viewer
from bot.services import Services
from bot.services.sources.source_lookup import title_of
from bot.services.sources.source_management import MAX_GIVEN_NAME, SourceView
from cogs.filter.modal import FilterModal
from cogs.source import source_list
from cogs.ui import member_permissions, params
from cogs.ui.reader_access import viewer_of
from cogs.ui.replies import Interaction, report, safe, say
from cogs.ui.views import Confirm, OwnedView, Pages

Pressed = Callable[[discord.Interaction[Any]], Awaitable[None]]


async def show(interaction: Interaction, source: str) -> None:
    """Answer a deferred interaction with a source, and with buttons where the person may manage a topic that has it."""
    services = params.services_of(interaction.client)
    found = await services.tending.find(await viewer_of(interaction), source)
    managed = await _managed(interaction, found)
    view = SourcePanel(interaction.user.id, services, found, managed) if managed else None
    await say(interaction, embeds=[await _embed(interaction, services, found, managed)], view=view)


async def _managed(interaction: Interaction, found: SourceView) -> tuple[str, ...]:
    """The names of the topics with it that the person may manage."""
    mine = {each.name for each in await member_permissions.topics_of(interaction, Need.MANAGE)}
    return tuple(each.topic for each in found.sources if each.topic in mine)


async def _embed(
    interaction: Interaction, services: Services, found: SourceView, managed: tuple[str, ...]
) -> discord.Embed:
    events = await services.tending.events(params.guild_of(interaction).id, found)
    usual = await services.tending.usual_times(found)
    return source_list.detail(found, events, usual, with_secrets=bool(managed))


class SourcePanel(OwnedView):
    """One source, as one person manages it. Every press asks whether they still may."""

    def __init__(self, owner_id: int, services: Services, found: SourceView, managed: tuple[str, ...]) -> None:
        super().__init__(owner_id, required=self._mine)
        self._services = services
        self._found = found
        self._build(managed)

    async def _mine(self, interaction: discord.Interaction[Any]) -> tuple[Viewer, str]:
        """Who presses, seeing only the topics that they may manage, and the source's number."""
        member, viewer = member_permissions.member_of(interaction), await viewer_of(interaction)
        return await member_permissions.require_source(member, self._services, viewer, str(self._found.feed_id))

    def _build(self, managed: tuple[str, ...]) -> None:
        self.clear_items()
        paused = any(each.state is FeedState.PAUSED for each in self._found.sources)
        self._button(_("Check now"), self._retry)
        self._button(_("Resume") if paused else _("Pause"), self._resume if paused else self._pause)
        self._button(_("Rename …"), self._rename)
        if len(managed) == 1:
            self._button(_("Filter …"), self._filter(managed[0]))
        self._button(_("Remove …"), self._remove, style=discord.ButtonStyle.danger)

    def _button(
        self, label: str, pressed: Pressed, *, style: discord.ButtonStyle = discord.ButtonStyle.secondary
    ) -> None:
        button: discord.ui.Button[Any] = discord.ui.Button(label=label, style=style)
        button.callback = pressed  # type: ignore[method-assign,assignment]  # discord.py's documented way
        self.add_item(button)

    async def refresh(self, interaction: discord.Interaction[Any], text: str) -> None:
        """Say what was done, above the source as it is now."""
        self._found = await self._services.tending.find(await viewer_of(interaction), str(self._found.feed_id))
        managed = await _managed(interaction, self._found)
        self._build(managed)
        embed = await _embed(interaction, self._services, self._found, managed)
        await interaction.edit_original_response(content=text, embeds=[embed], view=self)

    async def _retry(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.defer()
        found = await self._services.tending.retry(*await self._mine(interaction))
        await self.refresh(interaction, _("**{source}** is checked now.").format(source=safe(found.title)))

    async def _pause(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.defer()
        found = await self._services.tending.pause(*await self._mine(interaction))
        text = _("**{source}** is paused in **{topics}**.")
        await self.refresh(interaction, text.format(source=safe(found.title), topics=safe(found.topics)))

    async def _resume(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.defer()
        found = await self._services.tending.resume(*await self._mine(interaction))
        text = _("**{source}** goes on in **{topics}**; what was kept comes now.")
        await self.refresh(interaction, text.format(source=safe(found.title), topics=safe(found.topics)))

    async def _rename(self, interaction: discord.Interaction[Any]) -> None:
        member_permissions.require_server(interaction)  # the name is the server's, in whatever topic
        await interaction.response.send_modal(RenameForm(self, self._found.title))

    async def rename(self, interaction: discord.Interaction[Any], name: str) -> None:
        """Give it the name, or its own for an empty one. The form may have stood open for long."""
        await interaction.response.defer()
        member_permissions.require_server(interaction)
        await self._mine(interaction)
        found = await self._services.tending.rename(await viewer_of(interaction), str(self._found.feed_id), name)
        text = _("It is called **{name}** on this server now, also in what is posted from now on.")
        await self.refresh(interaction, text.format(name=safe(found.title)))

    def _filter(self, topic: str) -> Pressed:
        async def pressed(interaction: discord.Interaction[Any]) -> None:
            target = await member_permissions.topic_named(interaction, topic, Need.MANAGE)
            filtering = self._services.filtering
            place = await filtering.place(target, str(self._found.feed_id))
            await interaction.response.send_modal(FilterModal(filtering, place, await filtering.text(place)))

        return pressed

    async def _remove(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.defer(ephemeral=True)
        viewer, _feed = await self._mine(interaction)
        mine = await self._services.tending.find(viewer, str(self._found.feed_id))

        async def confirmed() -> str:
            gone = await self._services.tending.unsubscribe(viewer, str(self._found.feed_id))
            text = _("**{source}** is removed from **{topic}**. What was posted stays.")
            return text.format(source=safe(gone.title), topic=safe(gone.topics))

        question = _("Remove **{source}** from **{topics}**? What was posted stays; nothing new of it will be posted.")
        view = Confirm(interaction.user.id, _("Remove"), confirmed, required=self._mine)
        await say(interaction, question.format(source=safe(mine.title), topics=safe(mine.topics)), view=view)


class RenameForm(discord.ui.Modal):
    """Asks what a source is called on this server."""

    def __init__(self, panel: SourcePanel, present: str) -> None:
        super().__init__(title=_("Rename a source"))
        self._panel = panel
        self._name: discord.ui.TextInput[Any] = discord.ui.TextInput(
            custom_id="name", default=present[:MAX_GIVEN_NAME], max_length=MAX_GIVEN_NAME, required=False
        )
        self.add_item(discord.ui.Label(text=_("Its name; empty for its own"), component=self._name))

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        await self._panel.rename(interaction, self._name.value)

    async def on_error(  # type: ignore[override]  # as of every modal: there is no item
        self, interaction: discord.Interaction[Any], error: Exception, /
    ) -> None:
        await report(interaction, error)


class SourcePages(Pages):
    """The pages of /sources, with a menu that opens one of those shown."""

    def __init__(self, owner_id: int, services: Services, topic: str | None) -> None:
        super().__init__(owner_id, self._page, dated=False)
        self._services = services
        self._topic = topic
        self._turning = list(self.children)
        self._shown: dict[int, SourceStatus] = {}

    async def _page(self, turning: Interaction, number: int) -> tuple[list[discord.Embed], int, int]:
        found = await self._services.following.sources(await viewer_of(turning), self._topic)
        pages = max(1, -(-len(found) // source_list.PER_PAGE))
        number = min(max(1, number), pages)
        self._shown = {each.feed_id: each for each in source_list.on_page(found, number)}
        return [source_list.page(found, number, self._services.topics.now())], number, pages

    def has_buttons(self) -> bool:
        return bool(self._shown)

    def _update(self) -> None:
        super()._update()
        self.clear_items()
        for each in self._turning if self.pages > 1 else ():
            self.add_item(each)
        if not self._shown:
            return
        menu: discord.ui.Select[Any] = discord.ui.Select(
            custom_id="open",
            placeholder=_("Open a source"),
            row=1,
            options=[
                discord.SelectOption(label=title_of(each)[:100], description=each.url.site[:100], value=str(feed_id))
                for feed_id, each in self._shown.items()
            ],
        )

        async def picked(interaction: discord.Interaction[Any]) -> None:
            await interaction.response.defer(ephemeral=True, thinking=True)
            await show(interaction, menu.values[0])

        menu.callback = picked  # type: ignore[method-assign]  # discord.py's documented way
        self.add_item(menu)
