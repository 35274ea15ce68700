"""/filter, as managers use it: with an option, with the form, well written and badly."""

import pytest

pytest.importorskip("simcord", reason="these tests need simcord: scripts/test installs it")

import discord
import simcord
from discord import app_commands

from bot.model import ClaimedFeed
from tests.builders import at, new, read_outcome
from tests.cogs import golden
from tests.cogs.conftest import FEED, World, reply

AREA = "filters"


async def feed(world: World) -> ClaimedFeed:
    return await world.store.feeds.ensure(FEED, now=world.clock.now())


async def brings(world: World, *titles: str) -> None:
    """The blog lists these as new."""
    listed = [new(100 + n, title=title, published=at(n)) for n, title in enumerate(titles)]
    await world.store.entries.apply(read_outcome(await feed(world), *listed, now=at(100)))


async def waiting(world: World) -> list[str]:
    found = await world.store.deliveries.waiting(world.news.id, limit=100)
    return [delivery.article.title for delivery, _ in found]


async def test_a_filter_is_set_says_what_it_does_and_holds_from_then_on(world: World) -> None:
    await world.followed()
    told = await world.ask("filter set", topic="Networks", expression="cloud -sponsored")
    assert told.private
    golden.check(AREA, "set for a topic", told.text)
    await brings(world, "Cloud news", "Sponsored cloud", "Rain")
    assert await waiting(world) == ["Cloud news"]


async def test_what_waits_already_is_asked_again(world: World) -> None:
    await world.followed()
    await brings(world, "Cloud news", "Rain", "Snow")
    told = await world.ask("filter set", topic="Networks", expression="cloud")
    golden.check(AREA, "set while articles wait", told.text)
    assert await waiting(world) == ["Cloud news"]
    assert "deliver" in world.woken


async def test_a_filter_of_one_source(world: World) -> None:
    await world.followed()
    golden.check(
        AREA,
        "set for a source",
        (await world.ask("filter set", topic="Networks", source="A blog", expression="cloud")).text,
    )
    shown = await world.ask("filter show")
    golden.check(AREA, "show one", shown.text)
    await world.ask("filter set", topic="Networks", expression='news OR "what is new"')
    golden.check(AREA, "show both", (await world.ask("filter show", topic="networks")).text)


async def test_trying_shows_what_would_be_posted_and_which_term_decides_and_changes_nothing(world: World) -> None:
    await world.followed()
    await brings(world, "Cloud news", "Sponsored cloud", "Rain *bold* @everyone")
    told = await world.ask("filter test", topic="Networks", expression="(cloud OR /article [1-3]/) -sponsored")
    golden.check(AREA, "test an expression", told.text)
    assert (await world.ask("filter show")).text.strip().startswith("No filter is set")
    assert "Rain *bold* @everyone" in await waiting(world)
    golden.check(AREA, "test nothing", (await world.ask("filter test", topic="Networks")).text)
    await world.ask("filter set", topic="Networks", expression="cloud")
    golden.check(
        AREA,
        "test a source's beside the topic's",
        (await world.ask("filter test", topic="Networks", source="A blog", expression="-sponsored")).text,
    )


async def test_trying_where_nothing_came_yet(world: World) -> None:
    await world.ask("topic create", name="Empty", channel=world.news)
    golden.check(
        AREA, "test without articles", (await world.ask("filter test", topic="Empty", expression="cloud")).text
    )


async def test_clearing(world: World) -> None:
    await world.followed()
    golden.check(AREA, "clear nothing", (await world.ask("filter clear", topic="Networks")).text)
    await world.ask("filter set", topic="Networks", expression="cloud")
    golden.check(AREA, "clear", (await world.ask("filter clear", topic="Networks")).text)
    await brings(world, "Rain")
    assert "Rain" in await waiting(world)


async def test_what_cannot_be_read_is_said_with_its_place_and_nothing_changes(world: World) -> None:
    await world.followed()
    for name, expression in (
        ("an open parenthesis", "cloud (security OR rain"),
        ("or in small letters", "cloud or rain"),
        ("an unknown field", "source:cloud"),
        ("a pattern that is wrong", "cloud /(zero day/"),
        ("a pattern that looks ahead", "/cloud(?=native)/"),
        ("a pattern that is too large", "/(cloud){1,400}/"),
        ("only spaces", "   "),
    ):
        told = await world.ask("filter set", topic="Networks", expression=expression)
        golden.check(AREA, f"set, {name}", told.text)
    assert (await world.ask("filter show")).text.strip().startswith("No filter is set")
    golden.check(
        AREA, "test, an open quote", (await world.ask("filter test", topic="Networks", expression='"cloud')).text
    )


async def test_unknown_topics_and_sources_are_said(world: World) -> None:
    await world.followed()
    golden.check(AREA, "no such topic", (await world.ask("filter set", topic="Nets", expression="cloud")).text)
    golden.check(
        AREA, "no such source", (await world.ask("filter set", topic="Networks", source="Nobody", expression="a")).text
    )


async def test_the_form_holds_what_is_set_and_sets_what_is_written(world: World) -> None:
    await world.followed()
    await world.ask("filter set", topic="Networks", expression="cloud")
    shown = await world.manager.slash(world.news, "filter set", topic="Networks")
    assert shown.modal is not None
    assert "cloud" in str(shown.modal)
    [name] = [each["component"]["custom_id"] for each in shown.modal["components"]]
    told = reply(await world.manager.submit_modal(shown, {name: "rain OR snow"}))
    golden.check(AREA, "set by the form", told.text)
    assert told.private
    shown = await world.manager.slash(world.news, "filter set", topic="Networks")
    assert shown.modal is not None
    [name] = [each["component"]["custom_id"] for each in shown.modal["components"]]
    told = reply(await world.manager.submit_modal(shown, {name: "rain OR"}))
    golden.check(AREA, "the form, badly filled", told.text)
    assert "rain OR snow" in (await world.ask("filter show")).text


async def test_readers_may_not_and_other_servers_see_nothing(world: World) -> None:
    await world.followed()
    await world.ask("filter set", topic="Networks", expression="cloud")
    with pytest.raises(simcord.SetupError, match="not visible to this user"):
        await world.reader.slash(world.news, "filter show")
    other = world.env.create_guild("Others")
    place = other.create_text_channel("place")
    role = other.create_role("Managers", permissions=discord.Permissions(manage_channels=True))
    stranger = other.add_member(world.env.create_user("eve"), roles=[role])
    assert "No filter is set" in reply(await stranger.slash(place, "filter show")).text
    for command in ("filter clear", "filter test"):
        assert "no topic" in reply(await stranger.slash(place, command, topic="Networks")).text


async def test_neither_filters_nor_why_are_offered_in_a_private_chat(world: World) -> None:
    for command in world.bot.tree.get_commands():
        if command.name in {"filter", "why"}:
            assert isinstance(command, app_commands.Command | app_commands.Group)
            assert command.guild_only


async def test_two_long_filters_and_many_articles_are_shown_together(world: World) -> None:
    await world.followed()
    await brings(world, *(f"{number}: {'a headline as long as they are in newspapers ' * 2}" for number in range(20)))
    expression = " OR ".join(f'"a cloud provider, number {number}"' for number in range(20))
    await world.ask("filter set", topic="Networks", expression=expression)
    await world.ask("filter set", topic="Networks", source="A blog", expression=expression)
    told = await world.ask("filter test", topic="Networks", source="A blog")
    assert "Filter of the topic" in told.text
    assert "Filter of the source" in told.text
    assert "a headline" in told.text
