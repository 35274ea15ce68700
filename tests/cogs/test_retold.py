"""What was stored in English, as a German reader sees it."""

from dataclasses import replace

import pytest

pytest.importorskip("simcord", reason="the command tests need simcord: scripts/test installs it")

from bot.model import FailureKind, FetchFailed, PollKind
from tests.builders import read_outcome
from tests.cogs.conftest import FEED, World, reply
from tests.cogs.speech import discord_in

STORED = "The host answered with an error (500)."
SAID = "(500)"


async def failing(world: World) -> None:
    await world.followed()
    feed = await world.store.feeds.ensure(FEED, now=world.clock.now())
    failure = FetchFailed(FailureKind.HTTP, STORED)
    outcome = replace(read_outcome(feed, now=world.clock.now()), kind=PollKind.FAILED, failure=failure)
    await world.store.entries.apply(outcome)


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("sources", {}),
        ("source show", {"source": "A blog"}),
        ("status overview", {}),
        ("why", {"link": "https://blog.example/unknown"}),
    ],
)
async def test_why_a_source_fails_is_told_in_the_readers_language(
    world: World, command: str, options: dict[str, str]
) -> None:
    await failing(world)
    assert STORED.rstrip(".") in await told(world, command, options)
    with discord_in(world, "de"):
        german = await told(world, command, options)
    assert SAID in german
    assert "The host answered" not in german


async def told(world: World, command: str, options: dict[str, str]) -> str:
    found = reply(await world.manager.slash(world.news, command, **options))
    fields = [f"{field.value}" for embed in found.message.embeds for field in embed.fields]
    return "\n".join([found.text, *fields]).replace("\\", "")


async def test_why_an_article_failed_or_waits_is_told_in_the_readers_language(world: World) -> None:
    await world.followed()
    now = world.clock.now()
    [(waiting, _)] = await world.store.deliveries.waiting(world.news.id, limit=5)
    link = {"link": "https://blog.example/1"}
    await world.store.deliveries.hold(world.news.id, STORED, now=now, probe_at=now)
    with discord_in(world, "de"):
        german = await told(world, "why", link)
    assert (SAID in german, "The host answered" in german) == (True, False)
    await world.store.deliveries.fail([waiting.id], STORED)
    for command, options in (("why", link), ("status failed", {})):
        with discord_in(world, "de"):
            german = await told(world, command, options)
        assert (SAID in german, "The host answered" in german) == (True, False)
