"""Forum posts and webhooks on the wire, one step at a time: made, found again under any name, given up when gone."""

import json
from dataclasses import replace

import discord
import pytest

from bot.clock import SystemClock
from bot.model import ChannelKind, MessagePayload, Place, Post, SendKind, SendResult, Tag
from bot.posting.discord.channel_info import ChannelInspector
from bot.posting.discord.sender import DiscordSender
from tests.wire.loopback.server import LoopbackDiscord
from tests.wire.loopback.world import Channel, Guild

NOW = SystemClock().now


@pytest.fixture
def forum(guild: Guild) -> Channel:
    return guild.forum("forum", "BGP", "!Staff", requires_tag=True)


@pytest.fixture
def sender(forum: Channel, channel: Channel, client: discord.Client) -> DiscordSender:
    return DiscordSender(client, SystemClock(), canonical=str)


def post(channel: Channel, number: int, *, name: str = "Article", **body: object) -> Post:
    """A planned message about the article with this number."""
    embeds = [{"title": name, "url": f"https://blog.example/{number}"}]
    return Post(
        id=1, topic_id=None, channel_id=channel.id, guild_id=channel.guild_id, nonce="n", size=1, attempts=1,
        payload=MessagePayload.from_json(json.dumps({"embeds": embeds, **body})), unsure=True, first_attempt_at=NOW(), last_attempt_at=None,
        due_at=NOW(), topic_moved=False,
    )  # fmt: skip


def in_forum(forum: Channel, number: int, *, name: str = "Article", tags: tuple[int, ...] | None = None) -> Post:
    chosen = [int(forum.tags[0]["id"])] if tags is None else list(tags)
    return post(forum, number, name=name, forum={"name": name, "tags": chosen})


def by_webhook(channel: Channel, number: int) -> Post:
    return post(channel, number, webhook={"username": "A blog", "avatar_url": None})


async def sent(sender: DiscordSender, planned: Post) -> int:
    result = await sender.send(planned)
    assert result.kind is SendKind.POSTED, result
    assert result.message_id is not None
    return result.message_id


async def test_a_forum_post_is_found_by_what_it_shows(
    loopback: LoopbackDiscord, guild: Guild, forum: Channel, sender: DiscordSender
) -> None:
    first, other = in_forum(forum, 1), in_forum(forum, 2)
    assert await sender.find(first, after=None) is None
    number = await sent(sender, first)
    [thread] = guild.threads(forum)
    assert (thread.id, thread.messages[0].id) == (number, number)
    assert await sender.find(first, after=None) == number
    assert await sender.find(other, after=None) is None, "another article of the same name"
    thread.name = "Renamed by a moderator"
    assert await sender.find(first, after=None) == number
    thread.archived = True
    assert await sender.find(first, after=None) == number
    assert loopback.violations == []


async def test_a_forum_post_whose_first_message_was_deleted_counts_and_one_that_is_gone_does_not(
    guild: Guild, forum: Channel, sender: DiscordSender
) -> None:
    planned = in_forum(forum, 1)
    number = await sent(sender, planned)
    [thread] = guild.threads(forum)
    thread.messages[0].deleted = True
    assert await sender.find(planned, after=None) == number
    assert await sender.find(in_forum(forum, 2, name="Other"), after=None) is None
    thread.deleted = True
    assert await sender.find(planned, after=None) is None


async def test_tags_that_changed_since_planning_cost_no_request(
    loopback: LoopbackDiscord, forum: Channel, sender: DiscordSender
) -> None:
    for tags in ((), (1,), (int(forum.tags[0]["id"]), 1)):
        assert (await sender.send(in_forum(forum, 1, tags=tags))).kind is SendKind.STALE
    assert [asked for asked in loopback.ledger if asked.method == "POST"] == []


async def test_a_post_of_a_forum_is_edited_where_it_is(guild: Guild, forum: Channel, sender: DiscordSender) -> None:
    planned = in_forum(forum, 1)
    number = await sent(sender, planned)
    changed = replace(planned.payload, embeds=({**planned.payload.embeds[0], "title": "Corrected"},))
    assert (await sender.edit(forum.id, number, changed)).kind is SendKind.POSTED
    assert guild.threads(forum)[0].messages[0].embeds[0]["title"] == "Corrected"


async def test_kinds_of_channels_are_seen(
    guild: Guild, forum: Channel, channel: Channel, client: discord.Client
) -> None:
    survey = ChannelInspector(client, lambda _: True)
    tags = tuple(Tag(int(tag["id"]), tag["name"], not tag["moderated"]) for tag in forum.tags)
    assert survey.place(forum.id, guild.id) == Place(ChannelKind.FORUM, tags=tags, needs_tag=True)
    assert survey.place(channel.id, guild.id) == Place(ChannelKind.TEXT)
    assert survey.place(1, guild.id) == Place()


async def test_a_webhook_of_ours_is_made_once_and_its_messages_are_found_and_edited(
    loopback: LoopbackDiscord, channel: Channel, sender: DiscordSender, client: discord.Client
) -> None:
    channel.granted.add("manage_webhooks")
    await loopback.allow(channel)
    planned = by_webhook(channel, 1)
    number = await sent(sender, planned)
    assert await sender.find(planned, after=None) == number
    assert await sender.find(by_webhook(channel, 2), after=None) is None
    again = DiscordSender(client, SystemClock(), canonical=str)  # after a restart
    await sent(again, by_webhook(channel, 2))
    assert len(loopback.kinds.webhooks) == 1
    changed = replace(planned.payload, embeds=({**planned.payload.embeds[0], "title": "Corrected"},))
    assert (await again.edit(channel.id, number, changed)).kind is SendKind.POSTED
    assert [message.embeds[0]["title"] for message in loopback.messages(channel)] == ["Corrected", "Article"]
    assert {message.username for message in loopback.messages(channel)} == {"A blog"}
    assert loopback.violations == []


async def test_a_webhook_that_is_gone_is_made_anew_when_the_message_is_planned_again(
    loopback: LoopbackDiscord, channel: Channel, sender: DiscordSender
) -> None:
    channel.granted.add("manage_webhooks")
    await loopback.allow(channel)
    await sent(sender, by_webhook(channel, 1))
    loopback.kinds.webhooks.clear()
    assert (await sender.send(by_webhook(channel, 2))).kind is SendKind.STALE
    assert sender.webhooks.possible_in(channel.id)
    await sent(sender, by_webhook(channel, 2))


async def test_without_the_right_to_webhooks_the_bot_posts_as_itself_for_an_hour(
    loopback: LoopbackDiscord, channel: Channel, sender: DiscordSender
) -> None:
    assert await sender.send(by_webhook(channel, 1)) == SendResult(
        SendKind.STALE, reason="no webhook can be used in its channel"
    )
    assert not sender.webhooks.possible_in(channel.id)
    assert loopback.messages(channel) == []


async def test_a_role_is_mentioned_and_nobody_else(
    loopback: LoopbackDiscord, guild: Guild, channel: Channel, sender: DiscordSender
) -> None:
    role = int(guild.role("readers").id)
    planned = post(channel, 1, name="@everyone <@1> <@&2>", content=f"<@&{role}>", mention=role)
    await sent(sender, replace(planned, nonce="m"))
    body = next(asked.body for asked in loopback.ledger if asked.method == "POST")
    assert body["allowed_mentions"] == {"parse": [], "roles": [role]}
    assert loopback.messages(channel)[0].mentioned_roles == [str(role)]


async def test_what_another_topic_posted_in_the_forum_is_not_taken_for_a_lost_answer(
    forum: Channel, sender: DiscordSender
) -> None:
    first = await sent(sender, in_forum(forum, 1))
    assert await sender.find(in_forum(forum, 1), after=first) is None
    second = await sent(sender, in_forum(forum, 1))
    assert await sender.find(in_forum(forum, 1), after=first) == second


async def test_a_webhook_that_is_listed_but_refused_is_not_tried_over_and_over(
    loopback: LoopbackDiscord, channel: Channel, sender: DiscordSender
) -> None:
    channel.granted.add("manage_webhooks")
    await loopback.allow(channel)
    await sent(sender, by_webhook(channel, 1))
    loopback.kinds.webhooks[0].is_broken = True
    assert (await sender.send(by_webhook(channel, 2))).kind is SendKind.STALE
    assert sender.webhooks.possible_in(channel.id)
    assert (await sender.send(by_webhook(channel, 2))).kind is SendKind.STALE
    assert not sender.webhooks.possible_in(channel.id)


async def test_a_silent_message_suppresses_notifications_in_every_form_and_another_does_not(
    loopback: LoopbackDiscord, forum: Channel, channel: Channel, sender: DiscordSender
) -> None:
    channel.granted.add("manage_webhooks")
    await loopback.allow(channel)
    planned = [replace(post(channel, 1), nonce="s"), in_forum(forum, 2), by_webhook(channel, 3)]
    flags = []
    for each in planned:
        for silent in (True, False):
            nonce = f"{each.nonce}{silent}"
            await sent(sender, replace(each, nonce=nonce, payload=replace(each.payload, silent=silent)))
            body = [asked.body for asked in loopback.ledger if asked.method == "POST"][-1]
            flags.append(body.get("message", body).get("flags") or 0)
    assert flags == [4096, 0] * 3
    assert loopback.violations == []
