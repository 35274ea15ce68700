"""/topic stats and /source stats as people see them."""

import pytest

pytest.importorskip("simcord", reason="these tests need simcord: scripts/test installs it")

from tests.builders import EVERY, START, at, entry
from tests.cogs import golden
from tests.cogs.conftest import World
from tests.fakes import found

WEEK = 7 * 24 * 60


async def busy(world: World) -> None:
    """Two more sources in the topic, one of them with articles of other weeks."""
    for number, (name, weeks) in enumerate((("Weekly", [0, 1, 1, 2, 20]), ("Silent", []))):
        url = f"https://{name.lower()}.example/feed"
        listed = [entry(10 * number + n, published=at(-WEEK * week - 60), position=n) for n, week in enumerate(weeks)]
        world.discovery.put(url, found(url, name, listed))
        await world.ask("subscribe", source=url, topic="Networks")


async def test_a_topic_s_chart_has_its_numbers_beside_it_and_a_description(world: World) -> None:
    await world.followed()
    await busy(world)
    world.clock.advance((START - world.clock.now()).total_seconds())
    told = await world.ask("topic stats", name="networks")
    assert told.private
    golden.check("sources", "a topic's chart", told.text)
    [picture] = told.message.attachments
    assert picture.filename == "articles.png"
    golden.check("sources", "a topic's chart, described", picture.description or "")
    data = world.env.backend.cdn.get(picture.url)
    assert data is not None
    assert data.startswith(b"\x89PNG")
    [embed] = told.message.embeds
    assert embed.image.url in {picture.url, "attachment://articles.png"}


async def test_a_source_s_chart_and_what_has_none(world: World) -> None:
    await world.ask("topic create", name="Networks", channel=world.news)
    golden.check("sources", "a chart of nothing", (await world.ask("topic stats", name="Networks")).text)
    golden.check("sources", "a chart of no topic", (await world.ask("topic stats", name="Cloud")).text)
    golden.check("sources", "a chart of no source", (await world.ask("source stats", source="A blog")).text)
    await busy(world)
    golden.check("sources", "a source's chart", (await world.ask("source stats", source="Weekly")).text)
    [choice] = await world.manager.autocomplete(world.news, "source stats", "source", "week")
    assert choice["name"].startswith("Weekly")


async def test_another_server_s_sources_are_no_part_of_it(world: World) -> None:
    await world.followed()
    assert await world.store.statistics.weekly(2, EVERY, weeks=12, now=START) == ()
    [one] = await world.store.statistics.weekly(world.guild.id, EVERY, weeks=12, now=START)
    assert (one.name, one.total, len(one.articles)) == ("A blog", 7, 12)
