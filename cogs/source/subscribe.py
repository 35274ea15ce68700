"""What /subscribe and the first form do: find the topic or make it, find the feeds, and show what came of it."""

from collections.abc import Sequence
from typing import Any

import discord

from bot.addresses import shown
from bot.errors import UnknownTopic, UserError
from bot.i18n.translation import _, many
from bot.model import Need, Topic
from bot.services.sources.subscriptions import Choices, Followed, Offer, Tried
from bot.services.topics import name_search
from cogs.source import subscribe_replies
from cogs.ui import bot_permissions, member_permissions, params, waiting
from cogs.ui.reader_access import viewer_of
from cogs.ui.replies import Interaction, safe, say
from cogs.ui.views import MAX_OPTIONS, ChooseSeveral, OwnedView

MAX_WAITING = 120
"""Characters of an address that is named while somebody waits."""


async def subscribe(interaction: Interaction, addresses: Sequence[str], topic_name: str | None) -> None:
    """Answer a deferred command. Without a topic's name it is the one of this channel, which is made if there is none."""
    try:
        topic = await _named(interaction, topic_name) if topic_name is not None else await _of_channel(interaction)
    except UnknownTopic as error:
        await _offer(interaction, addresses, str(error), topic_name)
        return
    if topic is not None:
        await into(interaction, topic, addresses)
        return
    assert interaction.channel_id is not None, "commands come from channels"
    topics = await member_permissions.topics_of(interaction, Need.POST)
    if topics:
        question = _("No topic posts in this channel yet. Which topic shall get that?")
        await _offer(interaction, addresses, question, None)
        return
    await into_new(interaction, interaction.channel_id, params.channel_name(interaction), addresses)


async def into(interaction: Interaction, topic: Topic, addresses: Sequence[str], *, made: bool = False) -> None:
    """Subscribe the topic to what is found at the addresses, and answer a deferred interaction with it.

    Args:
        made: the topic was made for this, and goes again if nothing comes of it.
    """
    await bot_permissions.require(params.guild_of(interaction), topic.channel_id)
    following, person = params.services_of(interaction.client).following, interaction.user.id
    viewer = await viewer_of(interaction)
    if len(addresses) > 1:
        async with waiting.saying(interaction, _waiting(addresses)):
            tried = await following.subscribe_each(viewer=viewer, topic=topic.name, sources=addresses, added_by=person)
        gone = made and not any(isinstance(each.answer, Followed) for each in tried)
        kept = "" if gone or not made else _made(topic)
        if gone:
            await params.services_of(interaction.client).topics.delete_if_empty(topic)
        await say(interaction, kept or None, embeds=[subscribe_replies.outcomes(topic, tried)])
        return
    async with waiting.saying(interaction, _waiting(addresses)):
        answer = await following.subscribe(viewer=viewer, topic=topic.name, source=addresses[0], added_by=person)
    if isinstance(answer, Followed):
        await subscribe_replies.show(interaction, answer, before=_made(topic) if made else "")
    else:
        await _choose(interaction, answer, made=made)


async def into_new(
    interaction: Interaction, channel_id: int, channel_name: str, addresses: Sequence[str], *, name: str | None = None
) -> None:
    """Make a topic in a channel, named after it or as said, and subscribe it; no topic is left where nothing is found.

    Raises:
        UserError: the person or the bot may not do that there, or nothing was found.
    """
    guild, topics = params.guild_of(interaction), params.services_of(interaction.client).topics
    await member_permissions.require_channel(member_permissions.member_of(interaction), channel_id, Need.MANAGE)
    await bot_permissions.require(guild, channel_id)
    if name is None:
        topic = await topics.create_default(
            guild_id=guild.id, channel_id=channel_id, channel_name=channel_name, created_by=interaction.user.id
        )
    else:
        topic = await topics.create(guild_id=guild.id, name=name, channel_id=channel_id, created_by=interaction.user.id)
    try:
        await into(interaction, topic, addresses, made=True)
    except UserError:
        await topics.delete_if_empty(topic)
        raise


async def _named(interaction: Interaction, name: str) -> Topic:
    return await member_permissions.topic_named(interaction, name, Need.POST)


async def _of_channel(interaction: Interaction) -> Topic | None:
    """The only topic that posts where the command was given, of those that the person may give sources."""
    found = [each for each in await member_permissions.topics_of(interaction, Need.POST) if _is_here(each, interaction)]
    if len(found) > 1:
        raise UnknownTopic(_("Several topics post in this channel. Which one shall get that?"))
    return found[0] if found else None


def _is_here(topic: Topic, interaction: Interaction) -> bool:
    return topic.channel_id == interaction.channel_id


async def _offer(interaction: Interaction, addresses: Sequence[str], question: str, wanted: str | None) -> None:
    """Ask which topic is meant, with a button that makes it here."""
    topics = list(await member_permissions.topics_of(interaction, Need.POST))
    if wanted is not None:
        close = name_search.similar([each.name for each in topics], wanted)
        topics.sort(key=lambda each: close.index(each.name) if each.name in close else len(close))
    else:
        topics.sort(key=lambda each: not _is_here(each, interaction))
    view = TopicChoice(interaction.user.id, topics, addresses, wanted, params.channel_name(interaction))
    await say(interaction, question, view=view)


class TopicChoice(OwnedView):
    """Asks which topic is meant. Every press asks what the person may do in its channel, or in this one for a new topic."""

    def __init__(
        self, owner_id: int, topics: Sequence[Topic], addresses: Sequence[str], name: str | None, channel_name: str
    ) -> None:
        super().__init__(owner_id, required=None)  # it depends on what is pressed
        self._topics = topics[:MAX_OPTIONS]
        self._addresses = addresses
        self._name = name
        self._channel_name = channel_name
        if topics:
            self._menu: discord.ui.Select[Any] = discord.ui.Select(
                custom_id="topic",
                placeholder=_("Choose a topic"),
                options=[
                    discord.SelectOption(label=topic.name[:100], value=str(index))
                    for index, topic in enumerate(self._topics)
                ],
            )
            self._menu.callback = self._pick  # type: ignore[method-assign]  # discord.py's documented way
            self.add_item(self._menu)
        label = _("Make “{topic}” here").format(topic=name[:50]) if name is not None else _("Make a topic here")
        button: discord.ui.Button[Any] = discord.ui.Button(
            custom_id="make", label=label, style=discord.ButtonStyle.primary
        )
        button.callback = self._make  # type: ignore[method-assign]
        self.add_item(button)

    async def _pick(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.defer(ephemeral=True)
        topic = await member_permissions.present_topic(interaction, self._topics[int(self._menu.values[0])], Need.POST)
        await self._end(interaction)
        await into(interaction, topic, self._addresses)

    async def _make(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.defer(ephemeral=True)
        member_permissions.member_of(interaction)
        assert interaction.channel_id is not None, "buttons stand in channels"
        await member_permissions.require_channel(
            member_permissions.member_of(interaction), interaction.channel_id, Need.MANAGE
        )
        await self._end(interaction)
        await into_new(interaction, interaction.channel_id, self._channel_name, self._addresses, name=self._name)

    async def _end(self, interaction: discord.Interaction[Any]) -> None:
        self.stop()
        await interaction.edit_original_response(content=_waiting(self._addresses), view=None)


async def _choose(interaction: Interaction, answer: Choices, *, made: bool) -> None:
    topic, feeds = answer.topic, answer.found

    async def required(press: discord.Interaction[Any]) -> Topic:
        return await member_permissions.present_topic(press, topic, Need.POST)

    async def picked(press: discord.Interaction[Any], indexes: Sequence[int]) -> None:
        current = await required(press)
        await bot_permissions.require(params.guild_of(press), current.channel_id)
        following = params.services_of(press.client).following
        if len(indexes) == 1:
            followed = await following.choose(current, feeds[indexes[0]], added_by=press.user.id)
            await subscribe_replies.show(press, followed)
            return
        tried = [await _tried(press, current, feeds[index]) for index in indexes]
        await say(press, embeds=[subscribe_replies.outcomes(current, tried)])

    question = _("That site has {n} feeds. Which of them shall **{topic}** get? You may choose several.")
    text = question.format(n=len(feeds), topic=safe(topic.name))
    await say(
        interaction,
        f"{_made(topic)}\n{text}" if made else text,
        view=ChooseSeveral(interaction.user.id, subscribe_replies.options(feeds), picked, required=required),
    )


async def _tried(press: discord.Interaction[Any], topic: Topic, offer: Offer) -> Tried:
    try:
        answer = await params.services_of(press.client).following.choose(topic, offer, added_by=press.user.id)
    except UserError as error:
        return Tried(offer.url.shown, None, str(error))
    return Tried(offer.url.shown, answer, None)


def _made(topic: Topic) -> str:
    text = _("I made the topic **{topic}** for it, which posts in {channel}. `/topic edit` changes its name and look.")
    return text.format(topic=safe(topic.name), channel=f"<#{topic.channel_id}>")


def _waiting(addresses: Sequence[str]) -> str:
    if len(addresses) > 1:
        return many("Looking at {n} address …", "Looking at {n} addresses …", len(addresses))
    return _("Looking at {address} …").format(address=f"`{shown(addresses[0])[:MAX_WAITING].replace('`', chr(39))}`")
