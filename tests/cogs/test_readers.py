"""Readers see what they may see: nothing of a topic in a channel that is hidden from them, by whatever means."""

from typing import Any

import pytest

pytest.importorskip("simcord", reason="the command tests need simcord: scripts/test installs it")

import discord
import simcord

from bot.errors import UserError
from tests.cogs.conftest import World, reply
from tests.cogs.private import NOTHING, TITLE, TOPIC, URL, VIEW, everything, nothing_of_it, private, private_channel
from tests.cogs.test_saving import deliver

ARTICLE = "https://hidden.example/31"

COMMANDS: dict[str, list[dict[str, Any]]] = {
    "packs": [{}],
    "topic create": [{"name": "Mine", "channel": "news"}],
    "topic edit": [{"name": TOPIC}, {"name": TOPIC, "colour": "#112233"}],
    "topic list": [{}],
    "topic pause": [{"name": TOPIC}],
    "topic resume": [{"name": TOPIC}],
    "topic test": [{"name": TOPIC}],
    "topic delete": [{"name": TOPIC}],
    "topic stats": [{"name": TOPIC}],
    "subscribe": [{"source": "https://blog.example/feed", "topic": TOPIC}],
    "unsubscribe": [{"source": TITLE, "topic": TOPIC}, {"source": TITLE, "topic": "Networks"}],
    "sources": [{}, {"topic": TOPIC}],
    "source show": [{"source": TITLE}, {"source": URL}, {"source": "id"}],
    "source retry": [{"source": TITLE}, {"source": "id"}],
    "source pause": [{"source": TITLE}, {"source": "id"}],
    "source resume": [{"source": TITLE}, {"source": "id"}],
    "source rename": [{"source": TITLE, "name": "Mine"}, {"source": "id", "name": "Mine"}],
    "source move": [
        {"source": "id", "topic": "Networks"},
        {"source": "A blog", "topic": TOPIC},
        {"source": "A blog", "topic": "Networks", "from_topic": TOPIC},
    ],
    "source stats": [{"source": TITLE}, {"source": "id"}],
    "latest": [{}, {"topic": TOPIC}, {"source": TITLE}, {"source": "id"}],
    "search": [
        {"query": "unseen"},
        {"query": "unseen", "order": "best"},
        {"query": "article", "topic": TOPIC},
        {"query": "article", "source": "id"},
        {"query": "cloudb*"},
    ],
    "why": [{"link": ARTICLE}, {"link": "message"}],
    "filter set": [{"topic": TOPIC, "expression": "sun"}, {"topic": TOPIC}],
    "filter test": [{"topic": TOPIC}],
    "filter clear": [{"topic": TOPIC}],
    "filter show": [{}, {"topic": TOPIC}],
    "follow words": [{"query": "weather"}],
    "follow source": [{"source": TITLE}, {"source": "id"}],
    "follow topic": [{"topic": TOPIC}],
    "following": [{}],
    "unfollow": [{"what": TOPIC}, {"what": "1"}],
    "saved": [{}],
    "forget me": [{}],
    "import": [{}],
    "export": [{}, {"topic": TOPIC}],
    "status overview": [{}],
    "status failed": [{}],
    "status notices": [{}],
    "status language": [{}],
    "help": [{}],
}
"""Every command, with what somebody who knows the names of a private topic would type."""
SUGGESTIONS = {
    "topic edit": ["name"], "topic pause": ["name"], "topic resume": ["name"], "topic test": ["name"],
    "topic delete": ["name"], "topic stats": ["name"], "subscribe": ["topic"], "unsubscribe": ["topic", "source"],
    "sources": ["topic"], "source show": ["source"], "source retry": ["source"], "source pause": ["source"],
    "source resume": ["source"], "source rename": ["source"], "source move": ["source", "topic", "from_topic"],
    "source stats": ["source"], "latest": ["topic", "source"], "search": ["topic", "source"],
    "filter set": ["topic", "source"], "filter test": ["topic", "source"], "filter clear": ["topic", "source"],
    "filter show": ["topic"], "follow source": ["source"], "follow topic": ["topic"], "unfollow": ["what"],
    "import": ["topic"], "export": ["topic"],
}  # fmt: skip
"""Every option that suggests something of a server or a person."""
OTHERWISE = {("topic create", "pack"), ("status language", "language"), ("topic edit", "colour")} | {
    (command, "zone") for command in ("topic edit", "follow words", "follow source", "follow topic")
}
"""What is suggested is of the configuration or of the world."""
MENUS = ("Save for later", "More from this source")
BUTTONS = {
    "SaveButton": "test_saving: it saves what its message shows",
    "SaveMenu": "test_saving: it saves what its message shows",
    "FollowButton": "test_personal: it acts on the person's own follows",
    "NoticeButton": "test_notices: it acts on what its notice tells",
    "WelcomeButton": "it shows help, packs of the configuration, and the form for a first topic",
}


@pytest.mark.parametrize("who", ["deputy", "reader"])
async def test_no_command_tells_of_a_private_topic(world: World, who: str) -> None:
    scene = await private(world)
    place = {"id": str(await scene.feed_id()), "message": await scene.message(), "news": world.news}
    person, asked = {"deputy": scene.deputy, "reader": world.reader}[who], 0
    for command in sorted(COMMANDS.keys() & set(person.available_commands(world.news))):
        for each in COMMANDS[command]:
            typed = {option: place.get(value, value) for option, value in each.items()}
            told = await scene.ask(person, command, **typed)
            for value in sorted((str(value) for value in typed.values()), key=len, reverse=True):
                told = told.replace(value, "…")
            # A link's site is said of every link.
            nothing_of_it(told, typed="hidden.example" if command == "why" else "", where=f"/{command} {each}")
            asked += 1
    assert asked > {"deputy": 60, "reader": 20}[who]
    assert await scene.untouched()


@pytest.mark.parametrize("who", ["deputy", "reader"])
async def test_no_suggestion_tells_of_a_private_topic(world: World, who: str) -> None:
    scene = await private(world)
    person = {"deputy": scene.deputy, "reader": world.reader}[who]
    for command in sorted(SUGGESTIONS.keys() & set(person.available_commands(world.news))):
        for option in SUGGESTIONS[command]:
            for typed in ("", "Obs", "hidden"):
                for others in ({}, {"topic": TOPIC}, {"from_topic": TOPIC}):
                    given = {key: value for key, value in others.items() if key != option}
                    shown = str(await suggested(person, world, command, option, typed, given))
                    nothing_of_it(shown, where=f"/{command} {option}={typed}")


async def suggested(
    who: simcord.MemberActor, world: World, command: str, option: str, typed: str, given: dict[str, str]
) -> list[Any]:
    taken = {each.name for each in command_named(world, command).parameters}
    given = {key: value for key, value in given.items() if key in taken}
    return list(await who.autocomplete(world.news, command, option, typed, **given))


def command_named(world: World, name: str) -> discord.app_commands.Command[Any, ..., Any]:
    return next(
        each
        for each in world.bot.tree.walk_commands()
        if isinstance(each, discord.app_commands.Command) and each.qualified_name == name
    )


async def test_every_command_suggestion_menu_and_button_is_in_these_tables(world: World) -> None:
    commands, suggestions = set(), set()
    for each in world.bot.tree.walk_commands():
        if isinstance(each, discord.app_commands.Command):
            commands.add(each.qualified_name)
            suggestions |= {(each.qualified_name, option.name) for option in each.parameters if option.autocomplete}
    assert commands == set(COMMANDS), "a command is missing in the table, or there is one too many"
    listed = {(command, option) for command, options in SUGGESTIONS.items() for option in options}
    assert suggestions - OTHERWISE == listed
    menus = {
        each.name
        for kind in (discord.AppCommandType.message, discord.AppCommandType.user)
        for each in world.bot.tree.get_commands(type=kind)
    }
    assert menus == set(MENUS)
    assert {each.__name__ for each in world.bot.views._dynamic_items.values()} == set(BUTTONS)


async def test_who_sees_the_channel_reads_the_topic(world: World) -> None:
    scene = await private(world)
    assert "Unseen article 31" in await scene.ask(world.manager, "latest", topic=TOPIC)
    assert TITLE in await scene.ask(world.manager, "sources")
    assert TOPIC in await scene.ask(world.manager, "why", link=ARTICLE)
    assert TOPIC in str(await world.manager.autocomplete(world.news, "latest", "topic", ""))


async def test_a_source_of_a_visible_and_a_hidden_topic_is_shown_by_the_visible_one(world: World) -> None:
    scene = await private(world)
    await world.ask("subscribe", source="https://blog.example/feed", topic=TOPIC)
    for command, options in (
        ("sources", {}),
        ("why", {"link": "https://blog.example/1"}),
        ("latest", {}),
        ("search", {"query": "article"}),
        ("latest", {"source": "A blog"}),
    ):
        told = await scene.ask(world.reader, command, **options)
        assert "Networks" in told or "A blog" in told
        nothing_of_it(told)
    nothing_of_it(await scene.ask(scene.deputy, "source show", source="A blog"))
    await scene.ask(scene.deputy, "source pause", source="A blog")
    sources = await world.store.topics.sources(world.guild.id, now=world.clock.now())
    assert {each.topic: each.state.value for each in sources if each.url != URL} == {
        "Networks": "paused",
        TOPIC: "active",
    }


async def test_a_page_is_turned_with_the_rights_of_that_moment(world: World) -> None:
    scene = await private(world)
    shown = await world.manager.slash(world.news, "latest")
    assert "Unseen" in reply(shown).text
    searched = await world.manager.slash(world.news, "search", query="article")
    assert "Unseen" in reply(searched).text
    listed = await world.manager.slash(world.news, "latest", topic=TOPIC)
    await hide(world, scene.place.id, world.manager.id)
    for result in (shown, searched):
        nothing_of_it(await everything(world, await world.manager.click(reply(result).message, label="Older ▶")))
        nothing_of_it(await everything(world, await world.manager.click(reply(result).message, label="⏮ First")))
    assert listed.response is not None


async def hide(world: World, channel_id: int, user_id: int) -> None:
    """The channel is hidden from somebody from now on."""
    channel = world.bot.get_channel(channel_id)
    assert isinstance(channel, discord.abc.GuildChannel)
    await channel.set_permissions(await channel.guild.fetch_member(user_id), overwrite=NOTHING)


async def test_a_channel_that_is_made_private_hides_its_topic_from_then_on(world: World) -> None:
    await world.followed()
    assert "Networks" in str(await world.reader.autocomplete(world.closed, "latest", "topic", ""))
    channel = world.bot.get_channel(world.news.id)
    assert isinstance(channel, discord.TextChannel)
    await channel.set_permissions(channel.guild.default_role, view_channel=False)
    assert "Networks" not in str(await world.reader.autocomplete(world.closed, "latest", "topic", ""))
    assert "A blog" not in reply(await world.reader.slash(world.closed, "latest")).text


async def test_a_role_that_is_taken_takes_its_topics(world: World) -> None:
    scene = await private(world)
    role = world.guild.create_role("Insiders")
    channel, guild = world.bot.get_channel(scene.place.id), world.bot.get_guild(world.guild.id)
    assert isinstance(channel, discord.TextChannel)
    assert guild is not None
    insiders = guild.get_role(role.id)
    assert insiders is not None
    await channel.set_permissions(insiders, overwrite=VIEW)
    member = await guild.fetch_member(world.reader.id)
    await member.add_roles(insiders)
    assert "Unseen" in await scene.ask(world.reader, "latest", topic=TOPIC)
    await member.remove_roles(insiders)
    nothing_of_it(await scene.ask(world.reader, "latest", topic=TOPIC), typed=TOPIC)


async def test_a_topic_in_a_private_thread_is_for_its_members(world: World) -> None:
    channel = world.bot.get_channel(world.news.id)
    assert isinstance(channel, discord.TextChannel)
    thread = await channel.create_thread(name="secret", type=discord.ChannelType.private_thread)
    await thread.add_user(discord.Object(world.manager.id))
    scene = await private(world)
    await scene.move(thread.id)
    assert "Unseen" in await scene.ask(world.manager, "latest", topic=TOPIC)
    nothing_of_it(await scene.ask(world.reader, "latest"))
    await thread.add_user(discord.Object(world.reader.id))
    assert "Unseen" in await scene.ask(world.reader, "latest")
    await thread.remove_user(discord.Object(world.reader.id))
    nothing_of_it(await scene.ask(world.reader, "latest"))
    nothing_of_it(str(await world.reader.autocomplete(world.news, "latest", "topic", "")))


async def test_a_thread_in_a_hidden_channel_and_a_post_in_a_hidden_forum_are_hidden(world: World) -> None:
    scene = await private(world)
    staff = world.bot.get_channel(scene.place.id)
    assert isinstance(staff, discord.TextChannel)
    thread = await staff.create_thread(name="in it", type=discord.ChannelType.public_thread)
    guild = world.bot.get_guild(world.guild.id)
    assert guild is not None
    forum = await guild.create_forum("papers", overwrites={guild.default_role: NOTHING, guild.me: VIEW})
    post = (await forum.create_thread(name="a post", content="hello")).thread
    for place in (thread, post, forum):
        await scene.move(place.id)
        nothing_of_it(await scene.ask(world.reader, "latest"))
        nothing_of_it(await scene.ask(scene.deputy, "topic list"))
    await forum.set_permissions(guild.default_role, overwrite=None)
    assert "Unseen" in await scene.ask(world.reader, "latest")


async def test_a_topic_whose_channel_is_gone_is_for_administrators_and_its_maker(world: World) -> None:
    scene = await private(world)
    channel = world.bot.get_channel(scene.place.id)
    assert isinstance(channel, discord.TextChannel)
    await channel.delete()
    nothing_of_it(await scene.ask(world.reader, "latest"))
    nothing_of_it(await scene.ask(scene.deputy, "topic list"))
    assert TOPIC in await scene.ask(world.manager, "topic list")
    role = world.guild.create_role("Owners", permissions=discord.Permissions(administrator=True))
    admin = world.guild.add_member(world.env.create_user("ada"), roles=[role])
    assert TOPIC in await scene.ask(admin, "topic list")


async def test_an_archived_thread_is_asked_of_discord(world: World) -> None:
    scene = await private(world)
    staff = world.bot.get_channel(scene.place.id)
    assert isinstance(staff, discord.TextChannel)
    thread = await staff.create_thread(name="old", type=discord.ChannelType.public_thread)
    await scene.move(thread.id)
    await thread.edit(archived=True)
    nothing_of_it(await scene.ask(world.reader, "latest"))
    assert "Unseen" in await scene.ask(world.manager, "latest")


async def test_a_topic_is_opened_to_all_and_closed_again(world: World) -> None:
    scene = await private(world)
    said = await scene.ask(world.manager, "topic edit", name=TOPIC, open_to_all=True)
    assert "open to all members of the server" in said
    assert "Unseen" in await scene.ask(world.reader, "latest")
    assert TOPIC in str(await world.reader.autocomplete(world.news, "latest", "topic", ""))
    await scene.ask(world.manager, "topic edit", name=TOPIC, open_to_all=False)
    nothing_of_it(await scene.ask(world.reader, "latest"))
    panel = await world.manager.slash(world.news, "topic edit", name=TOPIC)
    await world.manager.click(reply(panel).message, label="Channel")
    await world.manager.click(reply(panel).message, label="Open to all members")
    assert "Unseen" in await scene.ask(world.reader, "latest")


@pytest.mark.parametrize("menu", MENUS)
async def test_a_messages_menu_shows_nothing_of_a_message_that_is_none_of_the_articles(world: World, menu: str) -> None:
    scene = await private(world)
    message = await world.reader.send(world.news, "hello")
    nothing_of_it(await everything(world, await world.reader.context_menu(world.news, menu, message)))
    assert await scene.untouched()


async def test_more_from_a_source_stops_where_no_topic_that_is_seen_follows_it(world: World) -> None:
    """A topic posted in a channel that all see, and moved to one that few see."""
    await world.followed()
    message = await deliver(world)
    hidden = private_channel(world)
    await world.ask("topic edit", name="Networks", channel=hidden)
    told = reply(await world.reader.context_menu(world.news, "More from this source", message)).text
    assert "does not have that source any more" in told
    assert (
        "Latest in A blog" in reply(await world.manager.context_menu(world.news, "More from this source", message)).text
    )


async def test_best_first_calls_sources_as_the_server_does(world: World) -> None:
    await world.followed()
    await world.ask("source rename", source="A blog", name="Our blog")
    told = (await world.ask("search", query="article", order="best")).text
    assert "Our blog" in told
    assert "A blog" not in told


async def test_a_follow_of_what_is_hidden_by_now_is_listed_without_its_name(world: World) -> None:
    scene = await private(world)
    await scene.ask(world.manager, "follow topic", topic=TOPIC)
    assert TOPIC in await scene.ask(world.manager, "following")
    await hide(world, scene.place.id, world.manager.id)
    for told in (
        await scene.ask(world.manager, "following"),
        str(await world.manager.autocomplete(world.news, "unfollow", "what", "")),
        reply(await world.manager.user.slash("following")).text,
    ):
        nothing_of_it(told)
        assert "a topic that is not shown to you now" in told
    nothing_of_it(await scene.ask(world.manager, "unfollow", what=TOPIC), typed=TOPIC)
    assert len(await world.store.follows.of(world.manager.id)) == 1
    [follow] = await world.store.follows.of(world.manager.id)
    nothing_of_it(await scene.ask(world.manager, "unfollow", what=str(follow.id)))
    assert await world.store.follows.of(world.manager.id) == ()


async def test_only_what_a_message_shows_is_saved(world: World) -> None:
    scene = await private(world)
    message = await deliver(world)
    hidden = (await world.store.entries.newest(await scene.feed_id(), 1))[0].entry_id
    saving, person = world.bot.services.saving, world.reader.id
    for guild_id, shown_by in ((world.guild.id, message.id), (world.guild.id, 5), (None, message.id), (7, message.id)):
        for asked in ([hidden, hidden + 1], [hidden, *range(1, hidden)]):
            try:
                kept = await saving.save(person, asked, guild_id=guild_id, message_id=shown_by)
            except UserError:
                continue
            assert guild_id == world.guild.id
            assert "Unseen" not in str(kept)
    assert "Unseen" not in await scene.ask(world.reader, "saved")
