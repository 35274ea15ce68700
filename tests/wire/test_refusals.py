"""What Discord refuses: an address costs itself and not its article, a limit waits, and only bad content fails for good."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.store.schema.tables import deliveries
from tests.wire.loopback.world import Channel, Message
from tests.wire.stage import Stage, play
from tests.wire.test_places import play_with_notices

ODD = "https://pictures.example/a.png"


async def states(stage: Stage) -> list[str]:
    async with stage.store._database.read() as connection:
        return list((await connection.execute(sa.select(deliveries.c.state).order_by(deliveries.c.id))).scalars())


def by_title(stage: Stage, channel: Channel) -> dict[str, dict[str, Any]]:
    return {embed["title"]: embed for each in stage.server.messages(channel) for embed in each.embeds}


# --- addresses ------------------------------------------------------------------------------------------


def test_what_discord_surely_refuses_is_not_sent_and_a_link_stands_in_the_text(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        await stage.publish_these(
            stage.news,
            {"title": "An odd picture", "image_url": "https://llama_cats.example.com/a.png"},
            {"title": "A page of an intranet", "link": "http://wiki:8000/page"},
            {"title": "A link twice", "link": "https://https://blog.example/3"},
            {"title": "Plain", "image_url": "https://blog.example/a.png"},
        )
        await asyncio.sleep(60)
        shown = by_title(stage, stage.news)
        assert list(shown) == ["An odd picture", "A page of an intranet", "A link twice", "Plain"]
        assert "image" not in shown["An odd picture"]
        assert "url" in shown["An odd picture"]
        assert "url" not in shown["A page of an intranet"]
        assert "http://wiki:8000/page" in shown["A page of an intranet"]["description"]
        assert "url" not in shown["A link twice"]
        assert shown["Plain"]["image"] == {"url": "https://blog.example/a.png"}
        assert all(asked.status == 200 for asked in stage.sends())

    play(tmp_path, story)


@pytest.mark.parametrize("named", [True, False], ids=["named", "the embed alone"])
def test_what_it_refuses_unforeseen_goes_once_more_without(tmp_path: Path, named: bool) -> None:
    async def story(stage: Stage) -> None:
        stage.server.refused_hosts, stage.server.names_refused = {"pictures.example", "odd.example"}, named
        await stage.publish_these(
            stage.news, {"title": "Picture", "image_url": ODD}, {"title": "Link", "link": "https://odd.example/page"}
        )
        await asyncio.sleep(60)
        shown = by_title(stage, stage.news)
        assert list(shown) == ["Picture", "Link"]
        assert "image" not in shown["Picture"]
        assert ("url" in shown["Picture"]) is named, "only what is refused goes"
        assert "https://odd.example/page" in shown["Link"]["description"]
        assert [asked.status for asked in stage.sends()] == [400, 200, 400, 200]

    play(tmp_path, story)


def test_in_a_message_of_several_the_others_stay_as_they_are(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        stage.server.refused_hosts = {"pictures.example"}
        articles = [{"title": f"Article {n}", "image_url": f"https://blog.example/{n}.png"} for n in range(8)]
        articles[3]["image_url"] = ODD
        await stage.publish_these(stage.news, *articles)
        await asyncio.sleep(60)
        [message] = stage.server.messages(stage.news)
        assert ["image" in each for each in message.embeds] == [n != 3 for n in range(8)]
        assert [asked.status for asked in stage.sends()] == [400, 200]

    play(tmp_path, story)


@pytest.mark.parametrize("kind", ["forum", "own names", "digest"])
def test_in_every_kind_of_message(tmp_path: Path, kind: str) -> None:
    async def story(stage: Stage) -> None:
        stage.server.refused_hosts = {"pictures.example"}
        place = stage.guild.forum("place") if kind == "forum" else stage.guild.text_channel("place")
        place.granted = {"manage_webhooks"}
        await stage.server.create(place)
        await stage.topic(place, **({"own_names": True} if kind == "own names" else {}), **_digest(kind))
        await stage.publish_these(place, {"title": "One", "image_url": ODD}, {"title": "Two"})
        await asyncio.sleep(3700)
        messages: list[Message] = stage.server.messages(place)
        if kind == "forum":
            messages = [each for thread in stage.guild.threads(place) for each in thread.messages]
        embeds = [embed for each in messages for embed in each.embeds]
        assert len(embeds) == (1 if kind == "digest" else 2)
        assert not any("image" in each or "thumbnail" in each for each in embeds)
        assert set(await states(stage)) == {"posted"}

    play(tmp_path, story)


def _digest(kind: str) -> dict[str, Any]:
    from bot.model import DigestSchedule

    return {"digest": DigestSchedule.HOURLY} if kind == "digest" else {}


# --- limits, and what nobody knows ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "kind"), [(160006, "forum"), (30033, "forum"), (40006, "forum"), (40006, "text"), (999001, "text")]
)
def test_a_limit_waits_and_nothing_is_lost(tmp_path: Path, code: int, kind: str) -> None:
    async def story(stage: Stage) -> None:
        place = stage.guild.forum("boards") if kind == "forum" else stage.guild.text_channel("boards")
        await stage.server.create(place)
        await stage.topic(place)
        stage.server.next_sends(*[f"json-400-{code}"] * 3)
        titles = await stage.publish(place, 3)
        await asyncio.sleep(7200)
        shown = [each.name for each in stage.guild.threads(place)] if kind == "forum" else stage.shown(place)
        assert shown == titles
        assert set(await states(stage)) == {"posted"}

    play(tmp_path, story)


def test_admins_are_told_of_a_number_that_is_reached(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        place = stage.guild.forum("boards")
        await stage.server.create(place)
        await stage.topic(place)
        stage.server.kinds.max_active_threads = 0
        await stage.publish(place)
        await asyncio.sleep(200)
        [notice] = stage.server.messages(stage.talk)
        assert "Maximum number of active threads" in notice.embeds[0]["description"]
        assert "such as old threads" in notice.embeds[0]["description"]
        stage.server.kinds.max_active_threads = 1000
        await asyncio.sleep(3600)
        assert notice.embeds[0]["title"] == "Well again"
        assert len(stage.guild.threads(place)) == 1

    play_with_notices(tmp_path, story)


def test_a_thread_under_an_article_waits_for_a_limit_too(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        place = stage.guild.text_channel("talked")
        await stage.server.create(place)
        await stage.topic(place, threads=True)
        stage.server.kinds.max_active_threads = 0
        titles = await stage.publish(place)
        await asyncio.sleep(3600)
        assert (stage.shown(place), stage.guild.threads(place)) == (titles, [])
        stage.server.kinds.max_active_threads = 1000
        await asyncio.sleep(3600)
        assert [each.name for each in stage.guild.threads(place)] == titles

    play(tmp_path, story, whole=True)


def test_what_nobody_knows_is_tried_once_more_and_fails_then(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        stage.server.next_sends("json-400-77001", "ok", "json-400-77001", "json-400-77001")
        first, second, third = await stage.publish(stage.news, 3)
        await asyncio.sleep(300)
        assert stage.shown(stage.news) == [first, third]
        assert sorted(await states(stage)) == ["failed", "posted", "posted"]
        assert second not in stage.shown(stage.news)

    play(tmp_path, story)


@pytest.mark.parametrize("code", [50006, 20009, 200000])
def test_what_is_known_to_be_bad_content_fails_at_once(tmp_path: Path, code: int) -> None:
    async def story(stage: Stage) -> None:
        stage.server.next_sends(f"json-400-{code}")
        _, second = await stage.publish(stage.news, 2)
        await asyncio.sleep(30)
        assert stage.shown(stage.news) == [second]
        assert [asked.status for asked in stage.sends(stage.news)] == [400, 200]

    play(tmp_path, story)
