"""Five hundred articles against Discord's own limits, in virtual time: all posted, none refused, as fast as is allowed."""

from pathlib import Path

from tests.wire.incarnation import RATE
from tests.wire.stage import Stage, play

LIMITS = (5, 5.0)
"""Discord's for new messages of one channel."""


def most_in_a_second(stage: Stage) -> int:
    times = [asked.at for asked in stage.server.ledger]
    return max(sum(1 for other in times if at <= other < at + 1.0) for at in times)


async def arrived(stage: Stage, wanted: int) -> float:
    """The seconds from the first message until all articles are there."""
    await stage.server.wait_for(lambda: sum(len(stage.shown(each)) for each in stage.channels) >= wanted, within=900)
    times = [asked.at for asked in stage.sends()]
    return max(times) - min(times)


def test_five_hundred_articles_fill_one_channel_at_the_pace_that_discord_allows(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        published = await stage.publish(stage.news, 500)
        seconds = await arrived(stage, 500)
        messages = stage.server.messages(stage.news)
        assert stage.shown(stage.news) == published
        # The last few go singly, where no more than BACKLOG wait.
        assert len(messages) <= 50 + 5
        assert len(stage.sends()) == len(messages)
        assert stage.server.buckets.refused == 0
        assert seconds <= len(messages) / LIMITS[0] * LIMITS[1] + 1

    play(tmp_path, story, channels=1, limits=LIMITS)


def test_five_hundred_articles_in_fifty_channels_keep_to_the_budget(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        published = {channel.id: await stage.publish(channel, 10) for channel in stage.channels}
        seconds = await arrived(stage, 500)
        assert {channel.id: stage.shown(channel) for channel in stage.channels} == published
        sends = len(stage.sends())
        assert sends == sum(len(stage.server.messages(channel)) for channel in stage.channels)
        assert stage.server.buckets.refused == 0
        assert most_in_a_second(stage) <= RATE
        assert seconds <= 1.2 * sends / (0.9 * RATE) + 1  # nine tenths of the budget are for background work

    play(tmp_path, story, channels=50, limits=LIMITS)
