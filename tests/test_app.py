"""What the composition root puts together."""

import asyncio
from pathlib import Path

import pytest

from bot.app import App
from bot.config.settings import Config, GuildsSettings, StoreSettings
from tests.builders import START, at, new, read_outcome
from tests.fakes import FakeClock


async def test_the_running_bot_obeys_filters(tmp_path: Path) -> None:
    config = Config(store=StoreSettings(url=f"sqlite:///{tmp_path}/a.db"))
    async with App(config, clock=FakeClock(START)) as app:
        topic = await app.store.topics.create(guild_id=1, name="news", channel_id=10, backfill=0, now=START)
        assert topic is not None
        feed = await app.store.feeds.ensure("https://blog.example/feed", now=START)
        await app.store.topics.subscribe(topic.id, feed.id, added_by=None, now=START)
        await app.store.entries.apply(read_outcome(feed))
        place = await app.client.services.filtering.place(topic)
        await app.client.services.filtering.set(place, "cloud")
        await app.store.entries.apply(read_outcome(feed, new(1, title="Rain"), new(2, title="Cloud"), now=at(1)))
        waiting = [delivery.article.title for delivery, _ in await app.store.deliveries.waiting(10, limit=9)]
    assert waiting == ["Cloud"]


@pytest.mark.parametrize("failure", [None, RuntimeError("broken")])
async def test_a_connection_that_ends_by_itself_is_no_success(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: Exception | None
) -> None:
    """Whatever starts the bot again after a failure shall do so."""

    async def end(*_: object, **__: object) -> None:
        if failure is not None:
            raise failure

    async def nothing(*_: object) -> None:
        pass

    async with App(Config(store=StoreSettings(url=f"sqlite:///{tmp_path}/a.db")), clock=FakeClock(START)) as app:
        monkeypatch.setattr(app.client, "login", nothing)
        monkeypatch.setattr(app.client.tree, "sync", nothing)
        monkeypatch.setattr(app.client, "connect", end)
        assert await app.run("token") == 1


async def test_commands_that_cannot_be_published_are_logged_and_the_bot_goes_on(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("no commands")

    async def nothing(*_: object) -> None:
        pass

    async def connected(*_: object, **__: object) -> None:
        await asyncio.sleep(0.05)
        app.stop()
        await asyncio.sleep(60)

    async with App(Config(store=StoreSettings(url=f"sqlite:///{tmp_path}/a.db")), clock=FakeClock(START)) as app:
        monkeypatch.setattr(app.client, "login", nothing)
        monkeypatch.setattr(app.client.tree, "sync", broken)
        monkeypatch.setattr(app.client, "connect", connected)
        assert await app.run("token") == 0
    assert "the commands were not published" in capsys.readouterr().out + caplog.text


async def test_a_server_that_may_not_use_the_bot_is_polled_for_no_more_from_the_start_on(tmp_path: Path) -> None:
    config = Config(store=StoreSettings(url=f"sqlite:///{tmp_path}/a.db"), guilds=GuildsSettings(block=(1,)))
    async with App(config, clock=FakeClock(START)) as app:
        feed = await app.store.feeds.ensure("https://blog.example/feed", now=START)
        for guild in (1, 2):
            topic = await app.store.topics.create(guild_id=guild, name="news", channel_id=guild, now=START)
            assert topic is not None
            await app.store.topics.subscribe(topic.id, feed.id, added_by=None, now=START)
        await app.bar_guilds()
        [due] = await app.store.feeds.claim_due(now=at(1), limit=5)
    assert due.guilds == (2,)
