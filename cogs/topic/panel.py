"""The panel of `/topic edit`: the present settings, and menus, buttons and forms to change them, in three parts."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

import discord

from bot.i18n.translation import _
from bot.model import DigestSchedule, Need, Picture, Style, Topic
from bot.services import Topics
from bot.services.topics.topic_options import clock as shown_time
from cogs.topic.modals import LookForm, TimesForm
from cogs.topic.test_post import sample
from cogs.topic.texts import DAYS, PICTURES, RHYTHMS, STYLES, settings
from cogs.ui import bot_permissions, member_permissions
from cogs.ui.replies import Interaction, say
from cogs.ui.views import OwnedView

LOOK, TIMES, PLACE = range(3)
CHANNELS = [
    discord.ChannelType.text, discord.ChannelType.news, discord.ChannelType.forum, discord.ChannelType.media,
    discord.ChannelType.public_thread, discord.ChannelType.private_thread, discord.ChannelType.news_thread,
]  # fmt: skip
Pressed = Callable[[discord.Interaction[Any]], Awaitable[None]]


class Panel(OwnedView):
    """One topic, as one person changes it. Every change counts at once; every press asks whether they still may."""

    def __init__(self, owner_id: int, topics: Topics, topic: Topic) -> None:
        super().__init__(owner_id, required=self._present)
        self.topic = topic
        self._topics = topics
        self._part = LOOK

    async def open(self, interaction: Interaction) -> None:
        """Answer a deferred command."""
        self._build()
        await say(interaction, embeds=await self._embeds(), view=self)

    async def _embeds(self) -> list[discord.Embed]:
        """The settings, and the newest article as it looks with them."""
        newest = await self._topics.newest(self.topic)
        return [settings(self.topic, self._topics.now()), sample(self.topic, newest)]

    async def change(
        self,
        interaction: discord.Interaction[Any],
        *,
        name: str | None = None,
        channel_id: int | None = None,
        colour: str | None = None,
        options: Mapping[str, object] | None = None,
    ) -> None:
        """Store it, and show what is so now. What cannot be is said, and changes nothing."""
        await interaction.response.defer()
        await self._present(interaction)
        await bot_permissions.require_change(
            member_permissions.member_of(interaction), self.topic, channel_id, options or {}
        )
        if name or channel_id or colour or options:
            self.topic = await self._topics.edit(
                self.topic, name=name, channel_id=channel_id, colour=colour, options=options
            )
        await self._show(interaction)

    async def _present(self, interaction: discord.Interaction[Any]) -> None:
        """See the topic as it is now. Forms come here too, since they may have stood open for long."""
        self.topic = await member_permissions.present_topic(interaction, self.topic, Need.MANAGE)

    async def _show(self, interaction: discord.Interaction[Any]) -> None:
        self._build()
        await interaction.edit_original_response(embeds=await self._embeds(), view=self)

    # --- parts ----------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.clear_items()
        for part, label in ((LOOK, _("Look")), (TIMES, _("Times")), (PLACE, _("Channel"))):
            self._button(label, self._turning(part), row=0, on=part == self._part)
        self._button(_("Done"), self._done, row=0)
        (self._look, self._times, self._place)[self._part]()

    def _look(self) -> None:
        options = self.topic.options
        self._menu(1, ((value, _(STYLES[value])) for value in Style), options.style, "style", Style)
        self._menu(2, ((value, _(PICTURES[value])) for value in Picture), options.picture, "picture", Picture)
        self._button(_("Name, colour, excerpt …"), self._form(LookForm), row=3)

    def _times(self) -> None:
        options = self.topic.options
        self._menu(
            1, ((value, _(RHYTHMS[value])) for value in DigestSchedule), options.digest, "digest", DigestSchedule
        )
        if options.digest is DigestSchedule.WEEKLY:
            days = ((str(number), _(day)) for number, day in enumerate(DAYS))
            self._menu(2, days, str(options.digest_day), "digest_day", int)
        if options.digest in {DigestSchedule.DAILY, DigestSchedule.WEEKLY}:
            minutes = sorted({hour * 60 for hour in range(24)} | {options.digest_minute})
            times = ((str(minute), _("at {time}").format(time=shown_time(minute))) for minute in minutes)
            self._menu(3, times, str(options.digest_minute), "digest_minute", int)
        self._button(_("Time zone and quiet hours …"), self._form(TimesForm), row=4)

    def _place(self) -> None:
        options = self.topic.options
        channels: discord.ui.ChannelSelect[Any] = discord.ui.ChannelSelect(
            channel_types=CHANNELS, placeholder=_("Another channel"), row=1, disabled=self.topic.declared
        )
        roles: discord.ui.RoleSelect[Any] = discord.ui.RoleSelect(
            placeholder=_("A role to mention"), min_values=0, row=2
        )

        async def channel(interaction: discord.Interaction[Any]) -> None:
            await self.change(interaction, channel_id=channels.values[0].id)

        async def role(interaction: discord.Interaction[Any]) -> None:
            chosen = next((each.id for each in roles.values if not each.is_default()), None)
            await self.change(interaction, options={"mention_role": chosen})

        channels.callback = channel  # type: ignore[method-assign]  # discord.py's documented way
        roles.callback = role  # type: ignore[method-assign]
        self.add_item(channels)
        self.add_item(roles)
        for name, label in (
            ("publish", _("Publish")), ("threads", _("Threads")), ("own_names", _("Sources' own names")),
            ("open_to_all", _("Open to all members")),
        ):  # fmt: skip
            on = bool(getattr(options, name))
            self._button(label, self._setting({name: not on}), row=3, on=on)
        self._button(_("Silent"), self._setting({"silent": not options.silent}), row=4, on=options.silent)
        if options.mention_role is not None:
            self._button(_("Mention nobody"), self._setting({"mention_role": None}), row=3)

    # --- components -----------------------------------------------------------------------------------

    def _button(self, label: str, pressed: Pressed, *, row: int, on: bool = False) -> None:
        style = discord.ButtonStyle.primary if on else discord.ButtonStyle.secondary
        button: discord.ui.Button[Any] = discord.ui.Button(label=label, style=style, row=row)
        button.callback = pressed  # type: ignore[method-assign,assignment]  # discord.py's documented way
        self.add_item(button)

    def _menu(
        self, row: int, choices: Iterable[tuple[str, str]], now: str, name: str, read: Callable[[str], object]
    ) -> None:
        listed = [discord.SelectOption(label=label, value=value, default=value == now) for value, label in choices]
        menu: discord.ui.Select[Any] = discord.ui.Select(options=listed[:25], row=row)

        async def picked(interaction: discord.Interaction[Any]) -> None:
            await self.change(interaction, options={name: read(menu.values[0])})

        menu.callback = picked  # type: ignore[method-assign]  # discord.py's documented way
        self.add_item(menu)

    def _turning(self, part: int) -> Pressed:
        async def pressed(interaction: discord.Interaction[Any]) -> None:
            await interaction.response.defer()
            self._part = part
            await self._show(interaction)

        return pressed

    def _setting(self, options: Mapping[str, object]) -> Pressed:
        return lambda interaction: self.change(interaction, options=options)

    def _form(self, form: type[LookForm | TimesForm]) -> Pressed:
        async def pressed(interaction: discord.Interaction[Any]) -> None:
            await interaction.response.send_modal(form(self.topic, self.change))

        return pressed

    async def _done(self, interaction: discord.Interaction[Any]) -> None:
        self.stop()
        await interaction.response.edit_message(embeds=[settings(self.topic, self._topics.now())], view=None)
