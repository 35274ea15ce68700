"""What one server has to send does not keep another's waiting, in virtual time."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from bot.jobs.posting.delivery_loop import MAX_CHANNELS
from bot.jobs.posting.server_turns import REMEMBERED, RESERVED, ServerRound, ServerTurns
from bot.model import ReadyChannel
from tests.jobs.conftest import Bot

QUIET, LOUD = 2, 1


async def test_an_article_of_a_quiet_server_does_not_wait_for_all_channels_of_a_loud_one(bot: Bot) -> None:
    topics = [await bot.topic(f"t{channel}", channel=channel, guild=LOUD) for channel in range(10, 60)]
    loud = await bot.feed(*topics, url="https://loud.example/feed")
    quiet = await bot.feed(await bot.topic(channel=900, guild=QUIET), url="https://quiet.example/feed")
    await bot.publish(loud, 50)
    for number in range(3):
        [title] = await bot.publish(quiet)
        before = len(bot.discord.messages)
        while title not in bot.discord.titles(900):
            await bot.run(0.01)
        place = bot.discord.messages.index(bot.discord.in_channel(900)[number])
        assert place - before <= MAX_CHANNELS, "it goes with the next channels that are served"
    await bot.run(60)
    assert all(len(bot.discord.titles(channel)) == 50 for channel in range(10, 60)), "and nobody is forgotten"


def test_one_server_has_all_channels_but_the_reserve_and_a_newcomer_is_served_at_once() -> None:
    turns = ServerTurns()
    ready = [ReadyChannel(channel, LOUD) for channel in range(MAX_CHANNELS)]
    chosen = turns.choose(ready, Counter(), most=MAX_CHANNELS)
    assert len(chosen) == MAX_CHANNELS - RESERVED
    newcomer = ReadyChannel(900, QUIET)
    assert turns.choose([newcomer, *ready], Counter({LOUD: len(chosen)}), most=MAX_CHANNELS) == [newcomer]


def test_a_trial_while_discord_is_in_doubt_is_one_channel_of_whoever_is_next() -> None:
    ready = [ReadyChannel(channel, LOUD) for channel in range(3)]
    assert ServerTurns().choose(ready, Counter(), most=1) == ready[:1]
    assert ServerTurns().choose(ready, Counter({QUIET: 1}), most=1) == []


def test_who_had_the_last_turn_comes_last_and_only_so_many_are_remembered() -> None:
    turns = ServerTurns()
    for server in range(REMEMBERED + 5):
        turns.had(server)
    turns.had(100)
    assert len(turns.lately) == REMEMBERED
    assert turns.lately[-1] == 100
    assert 0 not in turns.lately


@dataclass(frozen=True)
class Piece:
    guild_id: int
    name: str


async def test_of_what_is_done_one_by_one_each_server_has_one_before_any_has_another() -> None:
    waiting = [Piece(LOUD, "a"), Piece(LOUD, "b"), Piece(LOUD, "c"), Piece(QUIET, "x"), Piece(3, "y")]
    done = []

    async def first(besides: Collection[int]) -> Piece | None:
        return next((each for each in waiting if each.guild_id not in besides), None)

    turns = ServerRound()
    while (piece := await turns.next(first)) is not None:
        waiting.remove(piece)
        done.append(piece.name)
    assert done == ["a", "x", "y", "b", "c"]
