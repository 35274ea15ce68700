"""A machine whose clock is wrong: Discord's own time, from its answers, says where to look and what a limit counts."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.posting.discord.discord_clock import DiscordClock
from tests.fakes import FakeClock
from tests.wire import stage as stages
from tests.wire.campaign import HOURS
from tests.wire.incarnation import Incarnation
from tests.wire.stage import Stage, play
from tests.wire.virtual import VirtualClock


class WrongClock(VirtualClock):
    """So many hours ahead of Discord's."""

    def __init__(self, hours: float) -> None:
        self._ahead = timedelta(hours=hours)

    def now(self) -> datetime:
        return super().now() + self._ahead


def wrong_by(monkeypatch: pytest.MonkeyPatch, hours: float) -> None:
    def made(server: object, store: object, _clock: object, step: object, *, whole: bool = False) -> Incarnation:
        return Incarnation(server, store, WrongClock(hours), step, whole=whole)  # type: ignore[arg-type]

    monkeypatch.setattr(stages, "Incarnation", made)


@pytest.mark.parametrize(("hours", "kind"), [(2, "forum"), (2, "text"), (-2, "forum"), (48, "forum"), (0, "text")])
def test_a_message_whose_answer_was_lost_is_posted_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hours: float, kind: str
) -> None:
    wrong_by(monkeypatch, hours)

    async def story(stage: Stage) -> None:
        place = stage.guild.forum("boards") if kind == "forum" else stage.news
        if kind == "forum":
            await stage.server.create(place)
            await stage.topic(place)
        # Taken, and its answer lost; then Discord is away for longer than it remembers nonces.
        stage.server.next_sends("abort-after", *([] if kind == "forum" else ["503"] * 5))
        titles = await stage.publish(place)
        await asyncio.sleep(4000)
        shown = [each.name for each in stage.guild.threads(place)] if kind == "forum" else stage.shown(place)
        assert shown == titles

    play(tmp_path, story)


@pytest.mark.parametrize("hours", [-3, 3])
def test_a_time_out_ends_by_discords_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hours: float) -> None:
    wrong_by(monkeypatch, hours)

    async def story(stage: Stage) -> None:
        await stage.server.moderators.time_out(stage.guild, 2 * HOURS)
        titles = await stage.publish(stage.news)
        await asyncio.sleep(2 * HOURS - 60)
        assert (stage.shown(stage.news), stage.sends(stage.news)) == ([], [])
        await asyncio.sleep(120)
        assert stage.shown(stage.news) == titles

    play(tmp_path, story)


def test_the_time_is_discords_and_goes_on_although_the_machines_is_set() -> None:
    machine = FakeClock(datetime(2026, 6, 1, 12, tzinfo=UTC))
    clock = DiscordClock(machine)
    assert clock.now() == machine.now(), "nothing is known yet"
    clock.learn("Mon, 01 Jun 2026 10:00:00 GMT")
    machine.advance(90)
    assert clock.now() == datetime(2026, 6, 1, 10, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize("header", [None, "", "yesterday", "Mon, 99 Jun 2026 10:00:00 GMT"])
def test_what_is_no_date_changes_nothing(header: str | None) -> None:
    clock = DiscordClock(FakeClock(datetime(2026, 6, 1, 12, tzinfo=UTC)))
    clock.learn("Mon, 01 Jun 2026 10:00:00 GMT")
    clock.learn(header)
    assert clock.now() == datetime(2026, 6, 1, 10, tzinfo=UTC)
