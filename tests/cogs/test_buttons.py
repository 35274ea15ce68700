"""Buttons that no other file presses."""

from dataclasses import replace

import pytest

pytest.importorskip("simcord", reason="these tests need simcord: scripts/test installs it")

from bot.model import BlockReason, FailureKind, FetchFailed, PollKind
from tests.builders import EVERY, read_outcome, viewer
from tests.cogs import golden
from tests.cogs.conftest import FEED, World, reply
from tests.cogs.test_expired import items
from tests.cogs.test_notices import last, loop
from tests.fakes import found


async def test_the_parts_of_the_panel_are_turned_to_and_back(world: World) -> None:
    await world.followed()
    shown = await world.ask("topic edit", name="Networks")
    before = labels(shown.message)
    await world.manager.click(shown.message, label="Channel")
    assert "Threads" in labels(shown.message)
    await world.manager.click(shown.message, label="Look")
    assert labels(shown.message) == before


@pytest.mark.parametrize(
    ("label", "field"), [("Threads", "threads"), ("Sources' own names", "own_names"), ("Silent", "silent")]
)
async def test_what_a_channel_can_do_is_put_on_and_off_in_the_panel(world: World, label: str, field: str) -> None:
    await world.followed()
    shown = await world.ask("topic edit", name="Networks")
    await world.manager.click(shown.message, label="Channel")
    for on in (True, False):
        await world.manager.click(shown.message, label=label)
        topic = await world.bot.services.topics.get(viewer(*EVERY, guild=world.guild.id), "Networks")
        assert getattr(topic.options, field) is on


async def test_what_is_followed_comes_daily_and_at_once_again(world: World) -> None:
    await world.followed()
    await world.ask("follow words", query="bgp")
    shown = await world.ask("following")
    for label, daily in (("1 daily", True), ("1 at once", False)):
        await world.manager.click(shown.message, label=label)
        [follow] = await world.store.follows.of(world.manager.id)
        assert follow.daily is daily


async def test_a_channel_that_is_held_is_tried_again_whichever_it_is(world: World) -> None:
    """Two at once share one notice, and one button."""
    await world.followed()
    await world.ask("status notices", channel=world.news)
    for place in (world.closed, world.guild.create_text_channel("shut")):
        name = f"In {place.id}"
        await world.store.topics.create(guild_id=world.guild.id, name=name, channel_id=place.id, now=world.clock.now())
        await world.store.deliveries.hold(
            place.id, "the bot lacks Embed Links", kind=BlockReason.ACCESS, now=world.clock.now(),
            probe_at=world.clock.now(),
        )  # fmt: skip
    world.clock.advance(61)
    await loop(world).round()
    world.woken.clear()
    told = reply(await world.manager.click(last(world), label="Try again")).text
    golden.check("notices", "Try again for two channels", told.replace(str(world.closed.id), "closed"))
    assert set(world.woken) == {"deliver"}


async def test_all_sources_that_failed_are_asked_again_with_one_button(world: World) -> None:
    await world.followed()
    other = "https://cloud.example/feed"
    world.discovery.put(other, found(other, "Clouds", []))
    await world.ask("subscribe", source=other, topic="Networks")
    await world.ask("status notices", channel=world.news)
    for url in (FEED, other):
        feed = await world.store.feeds.ensure(url, now=world.clock.now())
        failure = FetchFailed(FailureKind.HTTP, "The host answered with an error (500).")
        outcome = replace(read_outcome(feed, now=world.clock.now()), kind=PollKind.FAILED, failure=failure)
        await world.store.entries.apply(outcome)
    world.clock.advance(90_000)
    await loop(world).round()
    world.woken.clear()
    told = reply(await world.manager.click(last(world), label="Retry all"))
    golden.check("notices", "Retry all, pressed", told.text)
    assert world.woken == ["poll"]
    assert len(await world.store.feeds.claim_due(now=world.clock.now(), limit=5)) == 2
    told = reply(await world.reader.click(last(world), label="Retry all"))
    golden.check("notices", "Retry all, pressed by who may not", told.text)


def labels(message: object) -> list[str]:
    return [item["label"] for item in items(message) if "label" in item]  # type: ignore[arg-type]  # a reply's
