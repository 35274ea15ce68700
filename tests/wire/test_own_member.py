"""The bot's own member in a server: time-outs that are named and end on time, and a server that comes without it."""

import asyncio
from pathlib import Path

from bot.posting.discord.own_member import is_known_in
from tests.wire.campaign import HOURS
from tests.wire.stage import Stage, play


async def reasons(stage: Stage) -> list[str]:
    found = await stage.store.operating.overview(None, now=stage.bot._clock.now())
    return [each.reason for each in found.channels]


def test_a_time_out_is_named_and_articles_come_when_it_ends(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        await stage.server.moderators.time_out(stage.guild, 6 * HOURS)
        titles = await stage.publish(stage.news, 2)
        await asyncio.sleep(60)
        assert await reasons(stage) == ["a moderator gave the bot a time-out in this server until 2026-06-01 06:00 UTC"]
        await asyncio.sleep(6 * HOURS - 90)
        assert (stage.shown(stage.news), stage.sends(stage.news)) == ([], [])
        await asyncio.sleep(100)
        assert stage.shown(stage.news) == titles

    play(tmp_path, story)


def test_a_time_out_that_is_lifted_early_ends_at_once(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        await stage.server.moderators.time_out(stage.guild, 6 * HOURS)
        titles = await stage.publish(stage.news)
        await asyncio.sleep(HOURS)
        await stage.server.moderators.end_time_out(stage.guild)
        await asyncio.sleep(30)
        assert stage.shown(stage.news) == titles

    play(tmp_path, story)


def test_a_longer_time_out_in_the_first_counts_and_another_server_goes_on(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        other = stage.server.guild("Other").text_channel("elsewhere")
        await stage.server.gateway.dispatch("GUILD_CREATE", stage.server._guilds[-1].as_json())
        await stage.topic(other)
        await stage.server.moderators.time_out(stage.guild, 600)
        titles = await stage.publish(stage.news)
        there = await stage.publish(other)
        await asyncio.sleep(60)
        assert stage.shown(other) == there
        await stage.server.moderators.time_out(stage.guild, 2 * HOURS)
        await asyncio.sleep(HOURS)
        assert stage.shown(stage.news) == []
        await asyncio.sleep(HOURS + 30)
        assert stage.shown(stage.news) == titles

    play(tmp_path, story)


def test_what_follows_a_message_comes_when_the_time_out_ends(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        board = stage.guild.announcements("board")
        await stage.server.create(board)
        await stage.topic(board, publish=True)
        stage.server.next_sends("ok", "503")
        await stage.publish(board)
        await stage.server.wait_for(lambda: len(stage.sends(board)) == 2)
        await stage.server.moderators.time_out(stage.guild, 3 * HOURS)
        await asyncio.sleep(3 * HOURS - 60)
        assert stage.server.kinds.published == []
        await asyncio.sleep(120)
        assert [channel.name for channel, _ in stage.server.kinds.published] == ["board"]

    play(tmp_path, story, whole=True)


def test_a_server_without_the_bots_member_waits_with_its_reason_and_goes_on(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        other = stage.server.guild("Other")
        place = other.text_channel("elsewhere")
        await stage.server.moderators.lose_member(other)
        await stage.topic(place)
        titles, here = await stage.publish(place, 2), await stage.publish(stage.news)
        await asyncio.sleep(600)
        assert (stage.shown(place), stage.shown(stage.news)) == ([], here)
        assert await reasons(stage) == ["Discord has not told yet what the bot may do in this server"]
        await stage.server.gateway.dispatch("GUILD_CREATE", other.as_json())
        await asyncio.sleep(30)
        assert stage.shown(place) == titles

    play(tmp_path, story)


def test_a_server_without_the_bots_member_holds_up_nobodys_publishing(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        other = stage.server.guild("Other")
        bad, good = other.announcements("bad-news"), stage.guild.announcements("good-news")
        await stage.server.gateway.dispatch("GUILD_CREATE", other.as_json())
        await stage.server.create(good)
        for channel in (bad, good):
            await stage.topic(channel, publish=True)
        stage.server.next_sends("ok", "503", "503")
        await stage.publish(bad)
        await asyncio.sleep(4)
        await stage.server.moderators.lose_member(other)
        await asyncio.sleep(1)
        there = stage.bot.client.get_guild(other.id)
        assert there is not None
        assert not is_known_in(there)
        await stage.publish(good)
        await asyncio.sleep(120)
        assert [channel.name for channel, _ in stage.server.kinds.published] == ["good-news"]
        await stage.server.gateway.dispatch("GUILD_CREATE", other.as_json())
        await asyncio.sleep(1200)
        assert [channel.name for channel, _ in stage.server.kinds.published] == ["good-news", "bad-news"]

    play(tmp_path, story, whole=True)
