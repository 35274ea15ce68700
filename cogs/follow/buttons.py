"""What one person follows, in pages: each with a button to stop it and one to change when it comes.

The buttons carry what they do in their ids, so they work after a restart, and they only ever touch what whoever
presses them follows.
"""

import asyncio
import re
from collections.abc import Collection, Sequence
from typing import Any, Self

import discord

from bot.excerpts import discord_limits
from bot.i18n.translation import _, many
from bot.model import STANDARD_HOUR, STANDARD_ZONE, Follow, FollowKind, Person
from bot.services.personal.follows import PersonalFollows
from cogs.ui import params
from cogs.ui.reader_access import access_of
from cogs.ui.replies import COLOUR, report, safe, say

PER_PAGE = 5
"""As many buttons as there are in a row."""
PATTERN = r"riverpost:mine:(?P<action>open|page|here|stop|daily|once|try):(?P<number>\d{1,20}):(?P<page>\d{1,3})"
LOOKS = {"stop": discord.ButtonStyle.danger, "try": discord.ButtonStyle.primary, "open": discord.ButtonStyle.primary}


async def hidden_of(client: Any, user_id: int, follows: Sequence[Follow]) -> frozenset[int]:
    """The ids of those follows whose topic or source the person may not see now, or of which nobody can tell.

    Their names may have changed since the person saw them.
    """
    named = {each.guild_id for each in follows if each.kind is not FollowKind.WORDS}
    personal = params.services_of(client).personal

    async def of_guild(guild_id: int) -> set[int]:
        viewer = await access_of(client).of(guild_id, user_id)
        if viewer is None:
            return {each.id for each in follows if each.guild_id == guild_id and each.kind is not FollowKind.WORDS}
        return {each.id for each in await personal.hidden(viewer) if each.kind is not FollowKind.WORDS}

    return frozenset().union(*await asyncio.gather(*(of_guild(guild_id) for guild_id in named)))


def name_of(follow: Follow, hidden: Collection[int] = ()) -> str:
    """What is followed, as a person says it.

    Args:
        hidden: ids of follows whose names are not to be shown, see `hidden_of`.
    """
    if follow.id in hidden:
        return (
            _("a topic that is not shown to you now")
            if follow.kind is FollowKind.TOPIC
            else _("a source that is not shown to you now")
        )
    if follow.kind is FollowKind.WORDS:
        return f"“{follow.name}”"
    return _("the topic {name}").format(name=follow.name) if follow.kind is FollowKind.TOPIC else follow.name


def place_of(client: discord.Client, follow: Follow) -> str:
    """The server whose articles it sees."""
    guild = client.get_guild(follow.guild_id)
    return guild.name if guild is not None else _("a server that I am not in")


def closed_text(person: Person) -> str:
    """That private messages do not arrive, and what to do."""
    since = discord.utils.format_dt(person.held_since, "R") if person.held_since else ""
    waiting = many("{n} article waits for you.", "{n} articles wait for you.", person.waiting + person.dropped)
    return _(
        "⚠️ I cannot send you private messages: Discord refuses them (first {since}). {waiting}\n"
        "To get them, allow direct messages in the privacy settings of a server that we share (and unblock me, if you "
        "blocked me), then press **Try again**. What waits for more than 7 days is only counted."
    ).format(since=since, waiting=waiting)


def buttons(*shown: tuple[str, str, int], page: int = 0, row: int | None = None) -> list[discord.ui.Button[Any]]:
    """From label, action and number of each. `here` says where one is, and cannot be pressed."""
    return [
        discord.ui.Button(
            label=label,
            row=row,
            style=LOOKS.get(action, discord.ButtonStyle.secondary),
            disabled=action == "here",
            custom_id=f"riverpost:mine:{action}:{number}:{page}",
        )
        for label, action, number in shown
    ]


def view_of(items: list[discord.ui.Button[Any]]) -> discord.ui.View | None:
    """A view that discord.py does not keep in memory: the ids say everything."""
    if not items:
        return None
    view = discord.ui.View(timeout=None)
    for item in items:
        view.add_item(item)
    view.stop()
    return view


def try_again() -> discord.ui.View | None:
    """One button, under the news that private messages do not arrive."""
    return view_of(buttons((_("Try again"), "try", 0)))


async def page_of(
    personal: PersonalFollows, client: discord.Client, user_id: int, page: int = 0
) -> tuple[discord.Embed, discord.ui.View | None]:
    """A page, counted from 0, of what somebody follows; the last one where there are fewer."""
    person, follows = await personal.following(user_id)
    hidden = await hidden_of(client, user_id, follows)
    pages = max(1, -(-len(follows) // PER_PAGE))
    page = min(page, pages - 1)
    shown = list(enumerate(follows))[page * PER_PAGE : (page + 1) * PER_PAGE]
    items = buttons(*((_("Stop {n}").format(n=n + 1), "stop", each.id) for n, each in shown), page=page, row=0)
    items += buttons(
        *(
            (_("{n} at once").format(n=n + 1), "once", each.id)
            if each.daily
            else (_("{n} daily").format(n=n + 1), "daily", each.id)
            for n, each in shown
        ),
        page=page,
        row=1,
    )
    if pages > 1:
        items += buttons(("◀", "page", page - 1), row=2) if page > 0 else []
        items += buttons((f"{page + 1} / {pages}", "here", 0), row=2)
        items += buttons(("▶", "page", page + 1), row=2) if page < pages - 1 else []
    if person.held_since is not None:
        items += buttons((_("Try again"), "try", 0), row=2)
    parts = [closed_text(person)] if person.held_since is not None else []
    parts += [_line(client, n + 1, each, hidden) for n, each in shown]
    if not follows:
        parts.append(
            _("You follow nothing yet. In a server, begin with `/follow words`, `/follow source` or `/follow topic`.")
        )
    if any(each.daily for each in follows):
        parts.append(
            _("-# Your digest comes at {hour:02}:00, {zone}; the next {moment} if there is something to read.").format(
                hour=STANDARD_HOUR if person.hour is None else person.hour,
                zone=person.zone or STANDARD_ZONE,
                moment=discord.utils.format_dt(personal.next_digest(person), "R"),
            )
        )
    title = many("You follow {n} thing", "You follow {n} things", len(follows)) if follows else None
    return discord.Embed(
        title=title, description=discord_limits.clip("\n".join(parts), discord_limits.EMBED_DESCRIPTION), colour=COLOUR
    ), view_of(items)


def _line(client: discord.Client, place: int, follow: Follow, hidden: Collection[int]) -> str:
    when = _("in the digest") if follow.daily else _("at once")
    return _("**{n}.** {name} · {server} · {when}").format(
        n=place, name=safe(name_of(follow, hidden), 220), server=safe(place_of(client, follow), 60), when=when
    )


class FollowButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=PATTERN):
    """Any button under the list, under the news of closed messages, or under a private message."""

    def __init__(self, button: discord.ui.Button[Any], *, action: str, number: int, page: int) -> None:
        super().__init__(button)
        self.action = action
        self.number = number
        self.page = page

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        assert isinstance(item, discord.ui.Button)
        return cls(item, action=match["action"], number=int(match["number"]), page=int(match["page"]))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Answer always: discord.py only logs what is raised here."""
        try:
            await self._answer(interaction, params.services_of(interaction.client).personal)
        except Exception as error:  # noqa: BLE001 - every error is answered, and a bug logged by `report`
            await report(interaction, error)

    async def _answer(self, interaction: discord.Interaction[Any], personal: PersonalFollows) -> None:
        if self.action == "open":
            await interaction.response.defer(ephemeral=True, thinking=True)
            embed, view = await page_of(personal, interaction.client, interaction.user.id)
            await say(interaction, embeds=[embed], view=view)
            return
        await interaction.response.defer()
        if self.action == "try":
            after = view_of(buttons((_("What I follow"), "page", 0)))
            said = await _tried(personal, interaction.user.id)
            await interaction.edit_original_response(content=said, embeds=[], view=after)
            return
        text = await self._done(interaction, personal)
        page = self.number if self.action == "page" else self.page
        embed, view = await page_of(personal, interaction.client, interaction.user.id, page)
        await interaction.edit_original_response(content=text, embeds=[embed], view=view)

    async def _done(self, interaction: discord.Interaction[Any], personal: PersonalFollows) -> str | None:
        user_id = interaction.user.id
        if self.action == "stop":
            hidden = await hidden_of(interaction.client, user_id, (await personal.following(user_id))[1])
            gone = await personal.stop(user_id, str(self.number))
            return _("You no longer follow {name}.").format(name=f"**{safe(name_of(gone, hidden))}**")
        if self.action in {"daily", "once"}:
            await personal.change(user_id, self.number, daily=self.action == "daily")
        return None


async def _tried(personal: PersonalFollows, user_id: int) -> str:
    if await personal.try_again(user_id):
        return _("I try again now. If it works, what waited comes in a moment; if not, /following says so.")
    return _("Nothing is held any more: everything goes on.")
