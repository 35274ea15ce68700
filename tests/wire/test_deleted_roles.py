"""A role that topics mention is deleted: no message mentions it any more, and the server's admins are told once."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bot.model import DigestSchedule
from tests.wire.campaign import HOURS
from tests.wire.loopback.world import Channel, Role
from tests.wire.stage import Stage, play
from tests.wire.test_places import notices, play_with_notices


async def pinged(stage: Stage, **options: Any) -> tuple[Role, Channel]:
    """A role, and a channel whose topic mentions it."""
    role = await stage.server.moderators.create_role(stage.guild, "News fans")
    place = stage.guild.text_channel("pinged")
    await stage.server.create(place)
    await stage.topic(place, mention_role=int(role.id), **options)
    return role, place


def texts(stage: Stage, channel: Channel) -> list[str]:
    return [each.content for each in stage.server.messages(channel)]


def test_later_messages_mention_nobody_and_admins_are_told_once(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        role, place = await pinged(stage)
        await stage.publish(place)
        await asyncio.sleep(20)
        await stage.server.moderators.delete_role(stage.guild, role)
        for _ in range(3):
            await stage.publish(place)
            await asyncio.sleep(60)
        assert texts(stage, place) == [f"<@&{role.id}>", "", "", ""]
        [notice] = notices(stage)
        assert notice.embeds[0]["title"] == "A topic mentions nobody any more"
        assert "**pinged**: the role that it mentioned was deleted" in notice.embeds[0]["description"]

    play_with_notices(tmp_path, story)


def test_what_was_planned_before_goes_without_the_mention_and_once(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        role, place = await pinged(stage)
        stage.server.next_sends("abort-after", "503")
        titles = await stage.publish(place)
        await stage.server.wait_for(lambda: len(stage.sends(place)) >= 1)
        await stage.server.moderators.delete_role(stage.guild, role)
        titles += await stage.publish(place)
        await asyncio.sleep(600)
        assert stage.shown(place) == titles
        assert texts(stage, place)[-1] == ""

    # What left before the role was deleted may name it.
    play(tmp_path, story)


def test_one_that_was_deleted_while_the_bot_was_away_is_noticed_when_it_is_back(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        role, place = await pinged(stage)
        await stage.server.outage_of(stage.guild)
        await stage.server.moderators.delete_role(stage.guild, role, told=False)
        await stage.server.outage_over(stage.guild)
        await asyncio.sleep(5)
        await stage.publish(place)
        await asyncio.sleep(60)
        assert texts(stage, place) == [""]

    play(tmp_path, story)


def test_a_digest_and_other_roles_and_servers(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        role, place = await pinged(stage, digest=DigestSchedule.HOURLY)
        kept = await stage.server.moderators.create_role(stage.guild, "Others")
        other = stage.guild.text_channel("other")
        await stage.server.create(other)
        await stage.topic(other, mention_role=int(kept.id))
        await stage.server.moderators.delete_role(stage.guild, role)
        await stage.publish(place)
        await stage.publish(other)
        await asyncio.sleep(1.1 * HOURS)
        assert texts(stage, place) == [""]
        assert texts(stage, other) == [f"<@&{kept.id}>"]

    play(tmp_path, story)


@pytest.mark.parametrize("known", [True, None])
def test_a_role_that_is_there_or_of_which_nothing_is_known_stays(tmp_path: Path, known: bool | None) -> None:
    async def story(stage: Stage) -> None:
        role, _ = await pinged(stage)
        events = stage.bot.client._guild_events
        assert events is not None
        await events.check_roles(lambda _guild, _role: known)
        assert await stage.store.mentions.roles() == ((stage.guild.id, int(role.id)),)

    play(tmp_path, story)
