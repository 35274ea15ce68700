"""Single stories of delivery in virtual time: the real job, store, sender and discord.py, hours in milliseconds."""

import asyncio
from pathlib import Path

import pytest

from bot.store import Store
from tests.wire.campaign import HOURS
from tests.wire.stage import Stage, play


@pytest.mark.parametrize(
    "faults",
    [
        # discord.py repeats by itself after a 500; the first may have been taken, whatever the last answer says.
        ("500-after", "429-long"),
        ("500-after", "429-cloudflare"),
        ("500-after", "refuse:30"),
        ("502", "500-after", "429-long", "abort-before"),
        # A chain of attempts that each come soon after the one before: the first grows older than any nonce.
        ("abort-after", "hang-before", "hang-before", "500", "500", "500", "500", "ok"),
        ("late", "429-long"),
        ("truncate", "429-shared:25", "429-user:25", "429-global:25"),
    ],
    ids=", ".join,
)
def test_a_message_that_was_taken_is_never_made_twice(tmp_path: Path, faults: tuple[str, ...]) -> None:
    async def story(stage: Stage) -> None:
        stage.server.posts.nonce_window_seconds = 92
        stage.server.next_sends(*faults)
        await stage.publish(stage.news)
        await asyncio.sleep(2 * HOURS)
        assert stage.shown(stage.news) == ["Article 1"]
        assert await stage.store.posts.first_open(stage.news.id) is None

    play(tmp_path, story)


@pytest.mark.parametrize("right", ["send_messages", "view_channel", "embed_links"])
def test_a_right_that_is_lost_while_discord_py_repeats_makes_no_second_message(tmp_path: Path, right: str) -> None:
    async def story(stage: Stage) -> None:
        stage.server.next_sends("500-after")
        await stage.publish(stage.news)
        await stage.server.wait_for(lambda: len(stage.sends()) == 1)
        await stage.server.deny(stage.news, right)
        await asyncio.sleep(HOURS)
        await stage.server.allow(stage.news)
        await asyncio.sleep(2 * HOURS)
        assert stage.shown(stage.news) == ["Article 1"]

    play(tmp_path, story)


def test_a_wait_of_twenty_minutes_holds_its_channel_alone_and_is_kept_to_the_second(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        stage.server.next_sends("429-long")
        await stage.publish(stage.news)
        await stage.server.wait_for(lambda: len(stage.sends(stage.news)) == 1)
        await stage.publish(stage.talk)
        await asyncio.sleep(60)
        assert stage.shown(stage.talk) == ["Article 2"]
        assert stage.shown(stage.news) == []
        await asyncio.sleep(HOURS)
        refused, sent = stage.sends(stage.news)
        assert stage.shown(stage.news) == ["Article 1"]
        assert 1200 <= sent.at - refused.at < 1300

    play(tmp_path, story)


@pytest.mark.parametrize("scope", ["user", "shared", "global"])
@pytest.mark.parametrize("seconds", [29, 31, 45, 59])
def test_a_wait_around_the_deadline_is_kept_and_is_no_outage(tmp_path: Path, seconds: int, scope: str) -> None:
    async def story(stage: Stage) -> None:
        stage.server.next_sends(f"429-{scope}:{seconds}")
        await stage.publish(stage.news)
        await asyncio.sleep(20 * 60)
        refused, sent = stage.sends(stage.news)
        assert stage.shown(stage.news) == ["Article 1"]
        # While nothing happens, the rounds of this loop are further and further apart.
        assert seconds <= sent.at - refused.at < 2 * seconds + 15
        assert not [asked for asked in stage.server.ledger if asked.method == "GET" and "/messages" in asked.path]

    play(tmp_path, story)


def test_waits_that_add_up_beyond_the_deadline_are_kept_to_the_last(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        stage.server.next_sends("429-user:25", "429-user:27", "429-shared:29")
        await stage.publish(stage.news)
        await asyncio.sleep(20 * 60)
        first, second, third, sent = stage.sends(stage.news)
        assert stage.shown(stage.news) == ["Article 1"]
        assert second.at - first.at >= 25
        assert third.at - second.at >= 27
        assert sent.at - third.at >= 29

    play(tmp_path, story)


def test_a_global_limit_that_outlasts_the_deadline_silences_nobody_for_ever(tmp_path: Path) -> None:
    """discord.py lets all requests wait for the one that met the limit, also when that one is no more."""

    async def story(stage: Stage) -> None:
        stage.server.next_sends("429-global:20", "429-global:20")
        await stage.publish(stage.news)
        await asyncio.sleep(HOURS)
        await stage.publish(stage.talk)
        await asyncio.sleep(HOURS)
        assert (stage.shown(stage.news), stage.shown(stage.talk)) == (["Article 1"], ["Article 2"])

    play(tmp_path, story)


def test_a_day_without_discord_costs_few_requests_and_no_article(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        await stage.server.down()
        for _ in range(24):
            await stage.publish(stage.news, 2)
            await stage.publish(stage.talk)
            await asyncio.sleep(HOURS)
        asked = len(stage.server.ledger)
        stage.server.up()
        await asyncio.sleep(2 * HOURS)
        assert stage.shown(stage.news) == [f"Article {n}" for n in range(1, 73) if n % 3]
        assert stage.shown(stage.talk) == [f"Article {n}" for n in range(3, 73, 3)]
        sends = [each for each in stage.server.ledger[:asked] if "/channels/" in each.path]
        assert len(sends) < 200

    play(tmp_path, story)


def test_what_a_moderator_removes_before_the_retry_stays_removed(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        stage.server.next_sends("abort-deleted")
        await stage.publish(stage.news, 2)
        await asyncio.sleep(HOURS)
        assert stage.shown(stage.news) == ["Article 2"]

    play(tmp_path, story)


def test_a_guild_in_an_outage_is_waited_for_without_wearing_the_disk(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        guild = stage.guild
        await stage.server.outage_of(guild)
        await stage.server.wait_for(lambda: stage.bot.client.get_guild(guild.id).unavailable)  # type: ignore[union-attr]
        await stage.publish(stage.news)
        changes = await changes_of(stage.store)
        await asyncio.sleep(HOURS)
        assert await changes_of(stage.store) - changes < 100
        assert stage.sends() == []
        await stage.server.outage_over(guild)
        await asyncio.sleep(120)
        assert stage.shown(stage.news) == ["Article 1"]

    play(tmp_path, story)


async def changes_of(store: Store) -> int:
    """Rows that the only writer has changed since it connected."""
    raw = await store._database._writer.get_raw_connection()
    driver = raw.driver_connection
    assert driver is not None
    return int(driver.total_changes)
