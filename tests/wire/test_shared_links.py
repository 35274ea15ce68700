"""Articles whose links are one address: each is seen by readers, whose clients show one embed of a url in a message."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.store.schema.tables import posts
from tests.wire.stage import Stage, play

PAGE = "https://blog.example/changelog"


def releases(*links: str) -> list[dict[str, Any]]:
    return [{"title": f"Release {number}", "link": link} for number, link in enumerate(links, 1)]


def named(count: int) -> list[str]:
    return [f"Release {number}" for number in range(1, count + 1)]


@pytest.mark.parametrize(
    "links",
    [
        [PAGE] * 8,
        [PAGE if number % 2 else f"https://blog.example/{number}" for number in range(8)],
        ["https://blog.example", "https://BLOG.example/", "https://blog.example:443/", *[PAGE] * 4],
        ["https://bücher.example/ä", "https://xn--bcher-kva.example/%C3%A4"] * 4,
    ],
    ids=["all", "every second", "spellings", "letters of other alphabets"],
)
def test_every_article_of_a_backlog_is_seen_in_its_order(tmp_path: Path, links: list[str]) -> None:
    async def story(stage: Stage) -> None:
        await stage.publish_these(stage.news, *releases(*links))
        await asyncio.sleep(120)
        assert stage.shown(stage.news) == named(len(links))

    play(tmp_path, story)


def test_links_of_their_own_still_share_a_message(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        await stage.publish_these(stage.news, *releases(*(f"{PAGE}#v{number}" for number in range(8))))
        await asyncio.sleep(60)
        assert [len(each.embeds) for each in stage.server.messages(stage.news)] == [8]

    play(tmp_path, story)


@pytest.mark.parametrize("count", [2, 7])
def test_what_quiet_hours_held_is_seen_too(tmp_path: Path, count: int) -> None:
    async def story(stage: Stage) -> None:
        night = stage.guild.text_channel("night")
        await stage.server.create(night)
        await stage.topic(night, quiet_from=0, quiet_to=60)
        await stage.publish_these(night, *releases(*[PAGE] * count))
        await asyncio.sleep(1800)
        assert stage.shown(night) == []
        await asyncio.sleep(3600)
        assert stage.shown(night) == named(count)

    play(tmp_path, story)


def test_under_the_names_of_sources_too(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        place = stage.guild.text_channel("named")
        place.granted = {"manage_webhooks"}
        await stage.server.create(place)
        await stage.topic(place, own_names=True)
        await stage.publish_these(place, *releases(*[PAGE] * 7))
        await asyncio.sleep(120)
        assert stage.shown(place) == named(7)
        assert all(each.webhook_id for each in stage.server.messages(place))

    play(tmp_path, story)


def test_a_message_that_an_earlier_version_planned_is_planned_anew(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        stage.server.next_sends("503")
        await stage.publish_these(stage.news, *releases(*(f"{PAGE}#v{number}" for number in range(6))))
        await asyncio.sleep(1)
        async with stage.store._database.write() as connection:
            payload = json.loads(str(await connection.scalar(sa.select(posts.c.payload))))
            for embed in payload["embeds"]:
                embed["url"] = PAGE
            await connection.execute(sa.update(posts).values(payload=json.dumps(payload), unsure=False))
        await asyncio.sleep(120)
        assert stage.shown(stage.news) == named(6)

    play(tmp_path, story)
