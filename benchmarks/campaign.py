"""The real bot as a process, for minutes on end, under random faults and SIGKILLs: nothing lost, nothing twice.

python benchmarks/campaign.py --minutes 10 --seed 1      in real time: polling, parsing, posting, restarts
python benchmarks/campaign.py --virtual --runs 500       the posting half in virtual time, run after run
python benchmarks/campaign.py --virtual --seed 25        one run of those, to look into
"""

import argparse
import asyncio
import contextlib
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.e2e.process import Bot, Topic  # noqa: E402 - the project is not installed
from tests.wire import campaign  # noqa: E402
from tests.wire.feedserver import FeedServer, ServedFeed  # noqa: E402
from tests.wire.loopback.faults import EVERY, Script  # noqa: E402
from tests.wire.loopback.server import LoopbackDiscord  # noqa: E402
from tests.wire.loopback.world import Channel, titles  # noqa: E402

QUICK = tuple(name for name in EVERY if name != "429-long")
"""Without the wait of 20 minutes, which would be most of a run in real time."""
CODES = (1000, 1001, 4000, 4001, 4002, 4003, 4005, 4007, 4008, 4009)


class LongRun:
    """Three channels, three feeds each; publishes, breaks and kills until the time is over."""

    def __init__(self, seed: int, minutes: float, folder: Path, discord: LoopbackDiscord, feeds: FeedServer) -> None:
        self.chance = random.Random(seed)
        self.minutes = minutes
        self.discord = discord
        self.guild = discord.guild("Readers")
        self.channels = [self.guild.text_channel(f"channel{n}") for n in range(3)]
        self.sources = {
            channel.name: [feeds.feed(f"{channel.name}-{n}") for n in range(3)] for channel in self.channels
        }
        self.expected: dict[str, list[str]] = {channel.name: [] for channel in self.channels}
        topics = [
            Topic(each.name, self.guild.id, each.id, [source.url for source in self.sources[each.name]])
            for each in self.channels
        ]
        self.bot = Bot(folder, discord.api_url, discord.token, topics)
        self.kills = 0
        discord.posts.nonce_window_seconds = 100
        self.script = Script(seed, kinds=QUICK)

    def all_sources(self) -> list[ServedFeed]:
        return [source for sources in self.sources.values() for source in sources]

    async def run(self) -> int:
        await self.bot.start()
        await self.discord.wait_for(lambda: all(len(each.requests) >= 2 for each in self.all_sources()), within=120)
        self.discord.faults.script = self.script
        end = time.monotonic() + self.minutes * 60
        said = time.monotonic()
        while time.monotonic() < end:
            self.publish()
            if self.chance.random() < 0.15:
                await self.kill()
            elif self.chance.random() < 0.3:
                await self.blow()
            await asyncio.sleep(self.chance.choice((0.2, 1.0, 3.0)))
            if time.monotonic() - said > 60:
                said = time.monotonic()
                print(f"{(end - said) / 60:.0f} minutes left: {self.ledger()}", flush=True)
        await self.peace()
        with contextlib.suppress(TimeoutError):
            await self.discord.wait_for(self.complete, within=2400)
        await self.bot.stop()
        return self.reckon()

    def publish(self) -> None:
        channel = self.chance.choice(self.channels)
        for _ in range(self.chance.choice((1, 1, 2, 5))):
            wanted = self.expected[channel.name]
            wanted.append(f"{channel.name} {len(wanted) + 1}")
            self.chance.choice(self.sources[channel.name]).publish(wanted[-1])

    async def kill(self) -> None:
        self.kills += 1
        await self.bot.kill()
        await asyncio.sleep(self.chance.choice((0.0, 0.5, 3.0)))
        await self.bot.start()
        # It must be able to get somewhere: a start takes a second or two.
        await asyncio.sleep(self.chance.choice((1.5, 4.0, 10.0)))

    async def blow(self) -> None:
        gateway, channel = self.discord.gateway, self.chance.choice(self.channels)
        blow = self.chance.choice(("drop", "op 7", "op 9", "op 9 resumable", "close", "outage", "deny", "mend"))
        if blow == "drop":
            gateway.drop()
        elif blow == "op 7":
            await gateway.reconnect()
        elif blow.startswith("op 9"):
            await gateway.invalidate(resumable=blow.endswith("resumable"))
        elif blow == "close":
            await gateway.close(self.chance.choice(CODES))
        elif blow == "outage":
            await self.discord.outage_of(self.guild)
        elif blow == "deny":
            await self.discord.deny(channel, self.chance.choice(campaign.RIGHTS))
        else:
            await self.mend()

    async def mend(self) -> None:
        if self.guild.unavailable:
            await self.discord.outage_over(self.guild)
        for channel in self.channels:
            if channel.denied:
                await self.discord.allow(channel)

    async def peace(self) -> None:
        self.discord.faults.script = None
        await self.mend()
        print("peace; waiting for what is still to come", flush=True)

    def complete(self) -> bool:
        return all(not self.missing(channel) for channel in self.channels)

    def missing(self, channel: Channel) -> set[str]:
        made = {embed["title"] for message in channel.messages for embed in message.embeds}
        return set(self.expected[channel.name]) - made

    def ledger(self) -> str:
        posts = sum(1 for asked in self.discord.ledger if asked.method == "POST")
        made = sum(len(channel.messages) for channel in self.channels)
        looks = sum(1 for a in self.discord.ledger if a.method == "GET" and a.path.endswith("/messages"))
        faults = sum(count for name, count in self.discord.faults.played.items() if name != "ok")
        articles = sum(len(wanted) for wanted in self.expected.values())
        return (
            f"articles {articles:,}, posts {posts:,}, retries {posts - made:,}, look-ups {looks:,}, "
            f"kills {self.kills:,}, faults {faults:,}"
        )

    def reckon(self) -> int:
        twice = lost = disorder = 0
        for channel in self.channels:
            shown = titles(self.discord.messages(channel))
            twice += sum(count - 1 for count in Counter(shown).values() if count > 1)
            lost += len(self.missing(channel))
            # One feed's articles keep their order; between feeds of a topic it is that of the polls.
            disorder += sum(1 for source in self.sources[channel.name] if not in_order(shown, source))
        print(f"{self.ledger()}, duplicates {twice}, lost {lost}, feeds out of order {disorder}")
        for problem in self.discord.violations + self.discord.mistakes:
            print("against the rules:", problem)
        return 1 if twice or lost or disorder or self.discord.violations else 0


def in_order(shown: list[str], source: ServedFeed) -> bool:
    document = source.document().decode()
    numbers = [int(title.split()[-1]) for title in shown if f"<title>{title}</title>" in document]
    return numbers == sorted(numbers)


async def real_time(seed: int, minutes: float) -> int:
    with tempfile.TemporaryDirectory() as folder:
        async with LoopbackDiscord() as discord, FeedServer() as feeds:
            discord.gateway.heartbeat_seconds = 40.0
            run = LongRun(seed, minutes, Path(folder), discord, feeds)
            try:
                return await run.run()
            finally:
                await run.bot.kill()


def virtual(seeds: range) -> int:
    began = time.process_time()
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        total = campaign.many(seeds, Path(folder), loud=len(seeds) == 1)
    print(f"{total.text()}; {time.process_time() - began:.0f} s of CPU")
    for problem in total.problems:
        print(problem)
    return 1 if total.problems else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=5.0, help="of faults, in real time; default 5")
    parser.add_argument("--seed", type=int, default=1, help="default 1")
    parser.add_argument("--virtual", action="store_true", help="the posting half only, in virtual time")
    parser.add_argument("--runs", type=int, default=1, help="with --virtual: how many seeds from --seed on; default 1")
    given = parser.parse_args()
    if given.virtual:
        return virtual(range(given.seed, given.seed + given.runs))
    return asyncio.run(real_time(given.seed, given.minutes))


if __name__ == "__main__":
    sys.exit(main())
