"""Who puts a topic on the web, and what is said of it."""

import re

import pytest

pytest.importorskip("simcord", reason="the command tests need simcord: scripts/test installs it")

from bot.model import WebAccess
from tests.cogs.conftest import World
from tests.cogs.deputies import MINE, STAFF, deputies

PAGES = "https://planet.example"


@pytest.fixture
def pages(world: World) -> World:
    """With pages switched on, and a topic."""
    world.bot.services.publishing.public_url = PAGES
    return world


async def published(world: World, name: str) -> WebAccess | None:
    topic = await world.store.topics.get(world.guild.id, name)
    assert topic is not None
    found = await world.bot.services.publishing.of(topic)
    return found.access if found is not None else None


async def test_an_admin_publishes_a_topic_and_takes_it_back(pages: World) -> None:
    await pages.ask("topic create", name="Networks", channel=pages.news)
    told = await pages.ask("topic edit", name="Networks", web="public")
    assert told.private
    assert told.text == f"**Networks** is on the web for everybody: {PAGES}/r/{pages.guild.id}/networks/"
    assert await published(pages, "Networks") is WebAccess.PUBLIC
    told = await pages.ask("topic edit", name="Networks", web="private")
    assert told.text == "**Networks** is not on the web."
    assert await published(pages, "Networks") is None


async def test_a_link_for_few_is_another_one_each_time(pages: World) -> None:
    await pages.ask("topic create", name="Networks", channel=pages.news)
    links = set()
    for _ in range(2):
        told = await pages.ask("topic edit", name="Networks", web="unlisted", colour="#112233")
        links |= set(re.findall(rf"{PAGES}/r/{pages.guild.id}/[\w-]{{20,}}/", told.text))
        assert "which nobody can guess" in told.text
    assert len(links) == 2


async def test_without_pages_it_says_who_switches_them_on(world: World) -> None:
    await world.ask("topic create", name="Networks", channel=world.news)
    told = await world.ask("topic edit", name="Networks", web="public")
    assert "Pages on the web are switched off here" in told.text
    assert await published(world, "Networks") is None


async def test_a_channel_that_not_everybody_sees_is_not_published(pages: World) -> None:
    made = await deputies(pages)
    told = await pages.ask("topic edit", name=STAFF, web="indexed")
    assert f"Let @everyone have View Channel in <#{made.staff.id}> first" in told.text
    assert await published(pages, STAFF) is None


async def test_who_manages_a_channel_alone_publishes_nothing(pages: World) -> None:
    made = await deputies(pages)
    told = await made.ask("topic edit", name=MINE, web="public")
    assert "This counts for the whole server" in told.text
    assert await published(pages, MINE) is None
