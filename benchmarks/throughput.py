"""How fast articles get into channels, against what Discord allows: messages and articles a second, answers of 429.

The loopback Discord plays Discord's limits: 5 requests in 5 seconds for each channel and route, 50 in any second.

python benchmarks/throughput.py            the posting half in virtual time, three cases
python benchmarks/throughput.py --real     the whole bot as a process, in real time: polling, parsing, posting
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.e2e.process import Bot, Topic  # noqa: E402 - the project is not installed
from tests.wire.campaign import silence  # noqa: E402
from tests.wire.feedserver import FeedServer  # noqa: E402
from tests.wire.incarnation import RATE  # noqa: E402
from tests.wire.loopback.server import LoopbackDiscord  # noqa: E402
from tests.wire.loopback.world import Channel, titles  # noqa: E402
from tests.wire.stage import Stage, play  # noqa: E402

LIMITS = (5, 5.0)
ARTICLES = 500
REAL_RATE = 50
"""Requests a second in the configuration that the tests write."""


@dataclass(frozen=True)
class Result:
    case: str
    wanted: int
    arrived: int
    messages: int
    seconds: float
    ceiling: float
    """Messages a second that Discord's and our own limits let through."""
    refused: int
    busiest_second: int
    rate: int

    @property
    def is_good(self) -> bool:
        return self.arrived == self.wanted and self.refused == 0 and self.busiest_second <= self.rate

    def line(self) -> str:
        pace = self.messages / self.seconds if self.seconds else 0.0
        return (
            f"{self.case:<38}{self.arrived:>8,} of {self.wanted:<7,}{self.messages:>9,}{self.seconds:>9.1f}"
            f"{pace:>11.2f}{self.ceiling:>10.2f}{self.arrived / self.seconds:>12.1f}{self.refused:>6}"
            f"{self.busiest_second:>6} / {self.rate}"
        )


HEAD = (
    f"{'case':<38}{'articles posted':>19}{'messages':>9}{'seconds':>9}{'messages/s':>11}{'ceiling':>10}"
    f"{'articles/s':>12}{'429s':>6}{'busiest second':>15}"
)


def measured(
    case: str, discord: LoopbackDiscord, channels: Sequence[Channel], *, wanted: int, rate: int, background: int
) -> Result:
    """What the ledger says."""
    sends = [asked.at for asked in discord.ledger if asked.method == "POST" and asked.path.endswith("/messages")]
    every = sorted(asked.at for asked in discord.ledger)
    begun, busiest = 0, 0
    for end, at in enumerate(every):
        while every[begun] <= at - 1.0:
            begun += 1
        busiest = max(busiest, end - begun + 1)
    messages = sum(len(discord.messages(channel)) for channel in channels)
    ceiling = min(len(channels) * LIMITS[0] / LIMITS[1], float(background))
    # The last message takes its share of time too. Bursts of five at the beginning can end a hair above the ceiling.
    seconds = max(sends) - min(sends) + 1 / ceiling
    return Result(
        case=case,
        wanted=wanted,
        arrived=len({(each.id, title) for each in channels for title in titles(discord.messages(each))}),
        messages=messages,
        seconds=seconds,
        ceiling=ceiling,
        refused=discord.buckets.refused,
        busiest_second=busiest,
        rate=rate,
    )


def virtual(case: str, channels: int, each: int) -> Result:
    """The posting half, as `bot.app` puts it together."""
    found: list[Result] = []

    async def story(stage: Stage) -> None:
        for channel in stage.channels:
            await stage.publish(channel, each)
        wanted = channels * each
        await stage.server.wait_for(lambda: sum(len(stage.shown(c)) for c in stage.channels) >= wanted, within=3600)
        background = RATE - RATE // 10
        found.append(measured(case, stage.server, stage.channels, wanted=wanted, rate=RATE, background=background))

    with tempfile.TemporaryDirectory() as folder, silence():
        play(Path(folder), story, channels=channels, limits=LIMITS)
    return found[0]


async def real(case: str, channels: int, each: int) -> Result:
    """The whole bot: all articles appear in its feeds at once."""
    with tempfile.TemporaryDirectory() as folder:
        async with LoopbackDiscord(checks_answers=False) as discord, FeedServer() as feeds:
            discord.buckets.per_channel = LIMITS
            guild = discord.guild("Readers")
            places = [guild.text_channel(f"channel{number}") for number in range(channels)]
            sources = [feeds.feed(place.name) for place in places]
            topics = [
                Topic(place.name, guild.id, place.id, [source.url])
                for place, source in zip(places, sources, strict=True)
            ]
            everything = {"RIVERPOST__LIMITS__ARTICLES_PER_POLL": str(each)}
            bot = Bot(Path(folder), discord.api_url, discord.token, topics, extra=everything)
            async with bot.running():
                await discord.wait_for(lambda: all(len(source.requests) >= 2 for source in sources), within=120)
                for source in sources:
                    for number in range(each):
                        source.publish(f"Article {number}", body_html=f"<p>The text of article {number}.</p>")
                await discord.wait_for(
                    lambda: sum(len(titles(discord.messages(place))) for place in places) >= channels * each,
                    within=600,
                )
                await bot.stop()
            background = REAL_RATE - REAL_RATE // 10
            return measured(case, discord, places, wanted=channels * each, rate=REAL_RATE, background=background)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--real", action="store_true", help="the whole bot in real time; takes about two minutes")
    given = parser.parse_args()
    cases = [(f"{ARTICLES} articles to one channel", 1, ARTICLES), (f"{ARTICLES} over 50 channels", 50, ARTICLES // 50)]
    if not given.real:
        cases.append(("100 to each of 50 channels", 50, 100))
    print(HEAD, flush=True)
    good = True
    for case in cases:
        result = asyncio.run(real(*case)) if given.real else virtual(*case)
        print(result.line(), flush=True)
        good = good and result.is_good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
