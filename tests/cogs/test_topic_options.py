"""How a topic's articles are posted, as people set it: kinds of channels, and what each option needs."""

import pytest

pytest.importorskip("simcord", reason="these tests need simcord: scripts/test installs it")

import discord
import simcord

from bot.model import Topic, TopicOptions
from cogs.topic.modals import LookForm
from tests.cogs.conftest import World


async def options(world: World) -> TopicOptions:
    found = await world.store.topics.get(world.guild.id, "News")
    assert found is not None
    return found.options


async def test_a_topic_may_flow_into_a_forum_and_an_announcement_channel(world: World) -> None:
    forum, announcements = world.guild.create_forum_channel("forum"), world.guild.create_news_channel("announcements")
    assert f"posts in <#{forum.id}> now" in (await world.ask("topic create", name="News", channel=forum)).text
    assert (
        f"**Channel**: <#{announcements.id}>"
        in (await world.ask("topic edit", name="News", channel=announcements)).text
    )


async def test_a_voice_channel_is_not_offered(world: World) -> None:
    voice = world.guild.create_voice_channel("voice")
    with pytest.raises(simcord.OptionError):
        await world.ask("topic create", name="News", channel=voice)


async def test_options_are_kept_each_for_itself_and_said_in_words(world: World) -> None:
    announcements, readers = world.guild.create_news_channel("announcements"), world.guild.create_role("Readers")
    await world.ask("topic create", name="News", channel=announcements)
    told = await world.ask("topic edit", name="News", mention=readers)
    assert told.private
    assert f"**Mention**: <@&{readers.id}>" in told.text
    told = await world.ask("topic edit", name="News", publish=True)
    assert "published to following servers" in told.text
    assert await options(world) == TopicOptions(mention_role=readers.id, publish=True)
    await world.ask("topic edit", name="News", publish=False, threads=True, own_names=True)
    assert await options(world) == TopicOptions(mention_role=readers.id, threads=True, own_names=True)
    told = await world.ask("topic edit", name="News", mention=world.guild.default_role)
    assert "mention" not in told.text
    assert await options(world) == TopicOptions(threads=True, own_names=True)


async def test_what_a_channel_cannot_do_is_said_and_nothing_changes(world: World) -> None:
    forum = world.guild.create_forum_channel("forum")
    await world.ask("topic create", name="News", channel=world.news)
    assert "is no announcement channel" in (await world.ask("topic edit", name="News", publish=True)).text
    await world.ask("topic edit", name="News", channel=forum)
    for name in ("threads", "own_names"):
        assert "are for text channels" in (await world.ask("topic edit", name="News", **{name: True})).text
    assert await options(world) == TopicOptions()


async def test_missing_rights_are_named_and_only_for_what_is_asked_for_now(world: World) -> None:
    await world.ask("topic create", name="News", channel=world.news)
    await world.ask("topic edit", name="News", own_names=True)
    channel = world.bot.get_channel(world.news.id)
    assert isinstance(channel, discord.TextChannel)
    await channel.set_permissions(channel.guild.default_role, manage_webhooks=False, create_public_threads=False)
    manager = await channel.guild.fetch_member(world.manager.id)
    await channel.set_permissions(manager, manage_webhooks=True, create_public_threads=True)
    await world.env.settle()
    refused = (await world.ask("topic edit", name="News", own_names=True, threads=True)).text
    assert "For that I need **Create Public Threads**, **Manage Webhooks**" in refused
    assert "is changed" in (await world.ask("topic edit", name="News", colour="#123456")).text
    assert await options(world) == TopicOptions(own_names=True)


async def test_a_declared_topic_may_have_a_longer_name_than_a_form_takes_and_its_colour_is_changed_all_the_same(
    world: World,
) -> None:
    topic = Topic(id=1, guild_id=world.guild.id, name="N" * 100, channel_id=world.news.id, declared=True)
    [name] = [item for item in LookForm(topic, _unchanged).children if getattr(item, "default", None) == topic.name]
    assert isinstance(name, discord.ui.TextInput)
    assert name.max_length is not None
    assert len(topic.name) <= name.max_length, "Discord takes no form whose text is longer than it may be"


async def _unchanged(*_: object, **__: object) -> None:
    raise AssertionError
