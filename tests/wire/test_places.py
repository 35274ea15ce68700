"""Channels and guilds that go and come back, in virtual time: what is held, what is told, and that all of it arrives once."""

import asyncio
from datetime import timedelta
from pathlib import Path

from tests.opening import sweep
from tests.wire.campaign import HOURS
from tests.wire.loopback.world import ANNOUNCEMENT, Message
from tests.wire.stage import Stage, Story, play
from tests.wire.virtual import VirtualClock


async def move(stage: Stage, number: int, channel_id: int) -> None:
    """As `/topic edit` does it."""
    await stage.store.changes.edit_topic(
        number, name=None, channel_id=channel_id, colour=None, now=VirtualClock().now()
    )
    stage.bot.runner.wake()


def notices(stage: Stage) -> list[Message]:
    return [
        each
        for each in stage.server.messages(stage.talk)
        if "Notice" in each.embeds[0].get("footer", {}).get("text", "")
    ]


def test_a_channel_that_is_gone_holds_its_articles_and_another_gets_them(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        other = stage.guild.text_channel("other")
        await stage.server.create(other)
        first = await stage.publish(stage.news)
        await asyncio.sleep(60)
        await stage.server.delete(stage.news)
        late = await stage.publish(stage.news, 8)
        await asyncio.sleep(300)
        [notice] = notices(stage)
        assert notice.embeds[0]["title"] == "I cannot post in a channel"
        await move(stage, 1, other.id)
        await asyncio.sleep(60)
        assert (stage.shown(stage.news), stage.shown(other)) == (first, late)
        assert notice.embeds[0]["title"] == "Well again"
        assert all(asked.status == 200 for asked in stage.sends(other))

    play_with_notices(tmp_path, story)


def test_what_may_have_gone_with_its_channel_is_posted_in_the_other(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        other = stage.guild.text_channel("other")
        await stage.server.create(other)
        stage.server.next_sends("abort-after")
        published = await stage.publish(stage.news, 2)
        await stage.server.wait_for(lambda: len(stage.sends(stage.news)) == 1)
        await stage.server.delete(stage.news)
        await asyncio.sleep(HOURS)
        await move(stage, 1, other.id)
        await asyncio.sleep(HOURS)
        # What was not tried need not wait until nobody can know about the other, so the order may be another.
        assert sorted(stage.shown(other)) == published

    play(tmp_path, story)


def test_a_lost_right_is_told_once_and_its_return_in_the_same_message(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        await stage.server.deny(stage.news, "send_messages")
        published = await stage.publish(stage.news, 3)
        await asyncio.sleep(900)
        [notice] = notices(stage)
        assert "the bot lacks Send Messages" in notice.embeds[0]["description"]
        assert [row["components"][0]["label"] for row in notice.components] == ["Try again"]
        await stage.server.allow(stage.news)
        await asyncio.sleep(60)
        assert stage.shown(stage.news) == published
        assert notices(stage) == [notice]
        assert (notice.embeds[0]["title"], notice.components) == ("Well again", [])

    play_with_notices(tmp_path, story)


def test_a_guild_that_invites_the_bot_again_within_thirty_days_gets_everything_once(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        published = await stage.publish(stage.news)
        await asyncio.sleep(60)
        stage.server.next_sends("abort-after")
        published += await stage.publish(stage.news)
        await stage.server.wait_for(lambda: len(stage.sends(stage.news)) == 2)
        await stage.server.remove_bot(stage.guild)
        await asyncio.sleep(60)
        asked = len(stage.server.ledger)
        for _ in range(5):
            published += await stage.publish(stage.news)
            await asyncio.sleep(600)
        await sweep(stage.store, now=VirtualClock().now() + timedelta(days=29))
        assert len(stage.server.ledger) == asked
        await stage.server.invite(stage.guild)
        await asyncio.sleep(120)
        assert stage.shown(stage.news) == published

    play(tmp_path, story)


def test_a_guild_that_stays_away_for_thirty_days_is_forgotten(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        await stage.server.remove_bot(stage.guild)
        await stage.publish(stage.news)
        await asyncio.sleep(60)
        await sweep(stage.store, now=VirtualClock().now() + timedelta(days=31))
        await stage.server.invite(stage.guild)
        await asyncio.sleep(300)
        assert stage.shown(stage.news) == []
        assert await stage.store.topics.all(stage.guild.id) == ()

    play(tmp_path, story)


def test_of_fifteen_announcements_ten_are_published_in_the_first_hour_and_five_in_the_second(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        board = stage.guild.text_channel("board")
        board.kind = ANNOUNCEMENT
        await stage.server.create(board)
        await stage.topic(board, publish=True)
        began = VirtualClock().monotonic()
        titles = []
        for _ in range(15):
            titles += await stage.publish(board)
            await asyncio.sleep(120)
        await asyncio.sleep(began + 0.99 * HOURS - VirtualClock().monotonic())
        assert stage.shown(board) == titles
        published = [bool(message.flags & 1) for message in board.messages]
        assert published == [True] * 10 + [False] * 5
        await asyncio.sleep(HOURS)
        assert all(message.flags & 1 for message in board.messages)
        crossposts = [asked.status for asked in stage.sends(board) if asked.path.endswith("/crosspost")]
        assert crossposts == [200] * 15

    play(tmp_path, story, whole=True)


def play_with_notices(folder: Path, story: Story) -> None:
    async def told(stage: Stage) -> None:
        stage.guild.system_channel = stage.talk
        await stage.server.gateway.dispatch("GUILD_UPDATE", stage.guild.as_json())
        await story(stage)

    play(folder, told, whole=True)
