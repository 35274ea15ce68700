"""/topic edit: by the options of the command, or, without any, by a panel."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.i18n.translation import N_, _
from bot.model import DigestSchedule, Need, Picture, Style, Topic, WebAccess
from bot.services import Services
from bot.services.topics.colours import NO_COLOUR_OF_ITS_OWN
from bot.services.topics.topic_options import read_clock, read_quiet, read_zone
from cogs.topic import texts, web_pages
from cogs.topic.panel import Panel
from cogs.topic.test_post import sample
from cogs.ui import bot_permissions, member_permissions, params
from cogs.ui.replies import Interaction, safe, say

Channel = discord.TextChannel | discord.ForumChannel | discord.Thread
"""What articles can be posted in; forum channels include media channels."""
DAYS = [app_commands.Choice(name=name, value=number) for number, name in enumerate(texts.DAYS)]
STYLES = [app_commands.Choice(name=name, value=style.value) for style, name in texts.STYLES.items()]
PICTURES = [app_commands.Choice(name=name, value=picture.value) for picture, name in texts.PICTURES.items()]
RHYTHMS = [app_commands.Choice(name=name, value=rhythm.value) for rhythm, name in texts.RHYTHMS.items()]
NO_MENTION, NO_EXCERPT, NO_QUIET, NO_COLOUR = "mention", "excerpt", "quiet", "colour"
WITHOUT: dict[str, dict[str, Any]] = {
    NO_MENTION: {"mention_role": None},
    NO_EXCERPT: {"excerpt": 0},
    NO_QUIET: {"quiet_from": None, "quiet_to": None},
    NO_COLOUR: {},
}
"""What `without` takes away, and the options that it changes for that."""
TO_TAKE_AWAY = [
    app_commands.Choice(name=N_("Mention nobody"), value=NO_MENTION),
    app_commands.Choice(name=N_("No quiet hours"), value=NO_QUIET),
    app_commands.Choice(name=N_("No excerpt, the title only"), value=NO_EXCERPT),
    app_commands.Choice(name=N_("No colour of its own"), value=NO_COLOUR),
]


class EditCommand(commands.Cog):
    """A part of the group /topic."""

    _services: Services

    @app_commands.command(description="Change a topic: its name and channel, how its articles look, and when they come")
    @app_commands.describe(
        name="The topic to change; alone it opens a panel with all settings",
        new_name="What it is called from now on",
        channel="Where its articles are posted from now on",
        colour="The colour of its articles: a name such as blue, or six digits such as #2f6f9f",
        style="How much of an article is shown",
        excerpt="About how many characters of an article are shown",
        picture="Where an article's picture is shown",
        mention="The role to mention with each message",
        digest="Post articles together instead of one by one",
        digest_at="When a daily or weekly digest comes, for example 08:00",
        digest_day="The day of a weekly digest",
        quiet="Hours in which nothing is posted, for example 22:00-07:00",
        zone="The time zone of digest and quiet hours, for example Europe/Berlin",
        publish="In an announcement channel: publish each message to the servers that follow it",
        threads="In a text channel: a thread under each article",
        own_names="In a text channel: each source posts under its own name and picture",
        open_to_all="Let every member of the server read it by commands, also who cannot see its channel",
        without="Take a setting away",
        web="Who finds its articles as pages and feeds on the web",
        repeats="Post what another topic has posted in the channel, too; else an article is posted once there",
    )
    @app_commands.autocomplete(name=params.topics, zone=params.zones, colour=params.colours)
    @app_commands.choices(style=STYLES, picture=PICTURES, digest=RHYTHMS, without=TO_TAKE_AWAY)
    @app_commands.choices(digest_day=DAYS)
    @app_commands.choices(web=web_pages.CHOICES)
    async def edit(
        self,
        interaction: Interaction,
        name: str,
        new_name: str | None = None,
        channel: Channel | None = None,
        colour: str | None = None,
        style: str | None = None,
        excerpt: app_commands.Range[int, 0, 1500] | None = None,
        picture: str | None = None,
        mention: discord.Role | None = None,
        digest: str | None = None,
        digest_at: str | None = None,
        digest_day: int | None = None,
        quiet: str | None = None,
        zone: str | None = None,
        publish: bool | None = None,
        threads: bool | None = None,
        own_names: bool | None = None,
        open_to_all: bool | None = None,
        without: str | None = None,
        web: str | None = None,
        repeats: bool | None = None,
    ) -> None:
        await interaction.response.defer(ephemeral=True)
        member = member_permissions.member_of(interaction)
        topic = await member_permissions.topic_named(interaction, name, Need.MANAGE)
        options: dict[str, Any] = {
            "style": None if style is None else Style(style),
            "picture": None if picture is None else Picture(picture),
            "digest": None if digest is None else DigestSchedule(digest),
            "excerpt": excerpt, "digest_day": digest_day,
            "publish": publish, "threads": threads, "own_names": own_names, "open_to_all": open_to_all,
            "repeats": repeats,
            "digest_minute": None if digest_at is None else read_clock(digest_at),
            "zone": None if zone is None else read_zone(zone),
        }  # fmt: skip
        options = {key: value for key, value in options.items() if value is not None}
        if mention is not None:
            options["mention_role"] = None if mention.is_default() else mention.id
        if quiet is not None:
            options["quiet_from"], options["quiet_to"] = read_quiet(quiet)
        if without is not None:
            options.update(WITHOUT[without])
            colour = NO_COLOUR_OF_ITS_OWN if without == NO_COLOUR else colour
        is_changed = bool(options) or new_name is not None or channel is not None or colour is not None
        if not is_changed and web is None:
            await Panel(interaction.user.id, self._services.topics, topic).open(interaction)
            return
        said = ""
        if web is not None:
            said = await web_pages.publish(interaction, self._services.publishing, topic, WebAccess(web))
            if not is_changed:
                await say(interaction, said)
                return
        channel_id = channel.id if channel is not None else None
        await bot_permissions.require_change(member, topic, channel_id, options)
        topics = self._services.topics
        edited = await topics.edit(topic, name=new_name, channel_id=channel_id, colour=colour, options=options)
        await say(
            interaction,
            f"{changed_text(topic, edited)}\n{said}".strip(),
            embeds=[texts.settings(edited, topics.now()), sample(edited, await topics.newest(edited))],
        )


def changed_text(before: Topic, after: Topic) -> str:
    """What is said above the settings and the newest article in its new look."""
    changes = texts.changes(before, after)
    if not changes:
        return _("**{topic}** was like that already; nothing is changed.").format(topic=safe(after.name))
    return _("**{topic}** is changed:\n{changes}\nThis is how its newest article looks now.").format(
        topic=safe(after.name), changes=changes
    )
