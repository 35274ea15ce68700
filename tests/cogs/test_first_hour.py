"""From an empty server to articles: one command without a topic, names that are typed half, and words while waiting."""

import asyncio
from typing import Any

import pytest

pytest.importorskip("simcord", reason="the command tests need simcord: scripts/test installs it")

import discord

from bot.model import Topic
from cogs.ui import waiting
from tests.builders import at, entry
from tests.cogs import golden
from tests.cogs.conftest import FEED, World, reply
from tests.cogs.deputies import OTHER_FEED, deputies
from tests.cogs.speech import discord_in
from tests.cogs.test_help import welcomed
from tests.fakes import found


async def names(world: World) -> list[str]:
    return [each.topic.name for each in await world.store.topics.all(world.guild.id)]


async def topic(world: World, name: str) -> Topic:
    made = await world.store.topics.get(world.guild.id, name)
    assert made is not None
    return made


async def sources(world: World, name: str) -> list[str | None]:
    found_there = await world.store.topics.sources(world.guild.id, (await topic(world, name)).id, now=world.clock.now())
    return [each.title for each in found_there]


async def test_one_command_with_one_field_ends_with_an_article_in_the_channel(world: World) -> None:
    told = await world.ask("subscribe", source=FEED)
    golden.check("first", "a first source without a topic", told.text)
    assert await names(world) == ["News"]
    assert (await topic(world, "News")).channel_id == world.news.id
    assert len(await world.store.deliveries.waiting(world.news.id, limit=9)) == 1


async def test_the_same_in_german(world: World) -> None:
    with discord_in(world, "de"):
        told = await world.ask("subscribe", source=FEED)
    golden.check("first", "a first source without a topic, in German", told.text)


async def test_the_topic_of_the_channel_gets_what_is_added_there(world: World) -> None:
    await world.ask("topic create", name="Networks", channel=world.news)
    await world.ask("subscribe", source=FEED)
    assert await names(world) == ["Networks"]
    assert await sources(world, "Networks") == ["A blog"]


async def test_nothing_is_left_behind_where_no_feed_is_found(world: World) -> None:
    told = await world.ask("subscribe", source="https://nothing.example")
    assert "I found no feed" in told.text
    assert await names(world) == []
    told = await world.ask("subscribe", source="https://nothing.example https://neither.example")
    assert told.text.count("❌") == 2
    assert await names(world) == []


async def test_several_addresses_make_one_topic(world: World) -> None:
    world.discovery.put(OTHER_FEED, found(OTHER_FEED, "Other", [entry(9, published=at(-9))]))
    told = await world.ask("subscribe", source=f"{FEED} {OTHER_FEED} https://nothing.example")
    assert "I made the topic **News** for it" in told.text
    assert await sources(world, "News") == ["A blog", "Other"]


async def test_where_topics_post_elsewhere_it_is_asked_which_one_or_a_new_one(world: World) -> None:
    other = world.guild.create_text_channel("other")
    await world.ask("topic create", name="Elsewhere", channel=other)
    asked = await world.ask("subscribe", source=FEED)
    golden.check("first", "no topic posts here", asked.text)
    told = reply(await world.manager.select(asked.message, ["0"]))
    assert "**Elsewhere** gets a new source" in told.text
    asked = await world.ask("subscribe", source=FEED)
    told = reply(await world.manager.click(asked.message, label="Make a topic here"))
    assert "I made the topic **News**" in told.text
    assert await names(world) == ["Elsewhere", "News"]


async def test_an_unknown_topic_is_made_with_a_button(world: World) -> None:
    asked = await world.ask("subscribe", source=FEED, topic="Below the sea")
    assert "There is no topic called “Below the sea” here." in asked.text
    told = reply(await world.manager.click(asked.message, label="Make “Below the sea” here"))
    assert "**Below the sea** gets a new source: **A blog**" in told.text
    assert await names(world) == ["Below the sea"]


@pytest.mark.parametrize("what", ["button", "menu"])
async def test_a_question_for_the_topic_asks_for_rights_at_each_press(world: World, what: str) -> None:
    await world.ask("topic create", name="Networks", channel=world.news)
    asked = await world.ask("subscribe", source=FEED, topic="Wanted")
    member = world.bot.get_guild(world.guild.id)
    assert member is not None
    person = await member.fetch_member(world.manager.id)
    channel = world.bot.get_channel(world.news.id)
    await channel.set_permissions(person, send_messages=False)  # type: ignore[union-attr]
    await world.env.settle()
    before = await names(world)
    pressed: Any = (
        world.manager.click(asked.message, custom_id="make")
        if what == "button"
        else world.manager.select(asked.message, ["0"], custom_id="topic")
    )
    assert "You lack **Send Messages**" in reply(await pressed).text
    assert await names(world) == before
    assert await sources(world, "Networks") == []


async def test_a_topic_and_a_source_are_found_by_how_they_begin(world: World) -> None:
    await world.followed()
    assert "is paused" in (await world.ask("topic pause", name="netw")).text
    assert (
        "**A blog** is removed from **Networks**" in (await world.ask("unsubscribe", source="a bl", topic="NET")).text
    )


async def test_a_slip_is_answered_with_what_may_have_been_meant(world: World) -> None:
    await world.followed()
    told = await world.ask("topic pause", name="Netwroks")
    assert "There is no topic called “Netwroks” here. Did you mean “Networks”?" in told.text
    told = await world.ask("source show", source="A blgo")
    assert "I find no source “A blgo” here. Did you mean “A blog”?" in told.text


async def test_several_that_begin_so_are_named_and_none_is_taken(world: World) -> None:
    for name in ("Networks", "Networking"):
        await world.ask("topic create", name=name, channel=world.news)
    told = await world.ask("topic pause", name="netw")
    assert "Several topics match “netw”: Networking, Networks." in told.text
    assert not any(each.topic.paused for each in await world.store.topics.all(world.guild.id))


async def test_several_feeds_of_a_site_are_taken_at_once(world: World) -> None:
    world.discovery.put(
        "https://blog.example",
        found(f"{FEED}/posts", "Posts", [entry(1)]),
        found(f"{FEED}/talks", "Talks", [entry(2, published=at(-1))]),
        found(f"{FEED}/notes", "Notes", []),
    )
    await world.ask("topic create", name="Networks", channel=world.news)
    menu = await world.ask("subscribe", source="blog.example")
    told = reply(await world.manager.select(menu.message, ["0", "2"]))
    assert "Networks gets 2 new sources" in told.text
    assert await sources(world, "Networks") == ["Notes", "Posts"]


async def test_what_a_topic_has_already_is_said_without_asking_its_host(world: World) -> None:
    await world.followed()
    world.discovery.break_with(RuntimeError("the host rests"))
    assert "has this source already: **A blog**" in (await world.ask("subscribe", source=FEED)).text


async def test_who_waits_reads_what_is_done_and_the_answer_takes_its_place(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "AFTER_SECONDS", 0.0)
    slow, seen = asyncio.Event(), list[str]()
    find = world.discovery.find

    async def waits(source: str) -> Any:
        await slow.wait()
        return await find(source)

    monkeypatch.setattr(world.discovery, "find", waits)
    show = discord.Interaction.edit_original_response

    async def noted(interaction: Any, **content: Any) -> Any:
        seen.append(str(content.get("content")))
        answer = await show(interaction, **content)
        slow.set()
        return answer

    monkeypatch.setattr(discord.Interaction, "edit_original_response", noted)
    told = await world.ask("subscribe", source=FEED)
    assert seen[0] == f"Looking at `{FEED}` …"
    assert "gets a new source: **A blog**" in told.text or "gets a new source: **A blog**" in seen[-1]


async def test_the_topic_edit_answer_says_what_changed_and_shows_the_newest_article(world: World) -> None:
    await world.followed()
    told = await world.ask("topic edit", name="Networks", style="compact", colour="green", quiet="10pm-7am")
    settings, newest = told.message.embeds
    golden.check("first", "a topic is edited", told.message.content)
    assert settings.title == "Networks"
    assert newest.title == "Article 1"
    assert newest.colour is not None
    assert newest.colour.value == 0x2ECC71
    again = await world.ask("topic edit", name="Networks", style="compact")
    assert "was like that already" in again.text


@pytest.mark.parametrize("away", ["mention", "quiet", "excerpt", "colour"])
async def test_a_setting_is_taken_away_in_one_way(world: World, away: str) -> None:
    await world.followed()
    role = world.guild.create_role("Readers", mentionable=True)
    await world.ask("topic edit", name="Networks", mention=role, quiet="22-7", colour="#112233")
    await world.ask("topic edit", name="Networks", without=away)
    now = await topic(world, "Networks")
    left = {
        "mention": now.options.mention_role is not None,
        "quiet": now.options.quiet_from is not None,
        "excerpt": now.options.excerpt != 0,
        "colour": now.colour is not None,
    }
    assert left == {key: key != away for key in left}


async def test_the_choices_of_a_topic_are_words(world: World) -> None:
    command = next(each for each in world.bot.tree.walk_commands() if each.qualified_name == "topic edit")
    assert isinstance(command, discord.app_commands.Command)
    shown = {option.name: [choice.name for choice in option.choices] for option in command.parameters}
    assert shown["style"][0] == "Full (title, excerpt, picture, categories)"
    assert shown["digest"][0] == "No digest (each article at once)"
    assert not [name for choices in shown.values() for name in choices if name.isupper() or "_" in name]


async def packs(world: World) -> Any:
    world.discovery.put("https://cloud.example/feed", found("https://cloud.example/feed", "Cloud", [entry(20)]))
    return await world.ask("packs")


async def test_packs_are_taken_from_a_menu_each_with_a_topic_of_its_own(world: World) -> None:
    shown = await packs(world)
    golden.check("first", "the packs", shown.text)
    await world.manager.select(shown.message, ["0", "1"], custom_id="packs")
    told = reply(await world.manager.click(shown.message, custom_id="take"))
    golden.check("first", "two packs are taken", told.text)
    assert await sources(world, "Cables") == ["A blog"]
    assert await sources(world, "Clouds") == ["Cloud"]
    assert (await topic(world, "Cables")).channel_id == world.news.id
    # Once more, they join the topics that are there.
    again = await packs(world)
    await world.manager.select(again.message, ["0"], custom_id="packs")
    await world.manager.click(again.message, custom_id="take")
    assert await names(world) == ["Cables", "Clouds"]


async def test_packs_are_posted_in_the_channel_that_is_chosen(world: World) -> None:
    other = world.guild.create_text_channel("other")
    shown = await packs(world)
    await world.manager.select(shown.message, ["1"], custom_id="packs")
    await world.manager.select(shown.message, [other], custom_id="channel")
    await world.manager.click(shown.message, custom_id="take")
    assert (await topic(world, "Clouds")).channel_id == other.id


async def test_packs_are_taken_only_where_one_manages_channels(world: World) -> None:
    made = await deputies(world)
    shown = await made.ask("packs")
    await made.deputy.select(shown.message, ["0"], custom_id="packs")
    await made.deputy.select(shown.message, [world.news], custom_id="channel")
    before = await made.state()
    told = reply(await made.deputy.click(shown.message, custom_id="take"))
    assert f"You lack **Manage Channels** in <#{world.news.id}>" in told.text
    assert await made.state() == before


async def test_who_may_not_take_packs_sees_them_without_a_menu(world: World) -> None:
    message = await welcomed(world)
    shown = reply(await world.reader.click(message, label="Browse starter packs"))
    assert "**Cables**" in shown.text
    assert "Who may manage channels can take them." in shown.text
    assert not shown.message.components
