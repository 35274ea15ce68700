"""The loop that steers the price of a poll: does it keep feeds to their budget, whatever happens, and without swinging?

    python benchmarks/poll_prices.py [--feeds 10 100 300] [--seed N] [--many N]

Real feeds (`feed_populations`; without their templates only the last part is run) polled for four weeks through the bot's own
decisions. A tenth of them are there at the beginning, the rest arrive at once on the 10th day; on the 16th the bot stands still
for 36 hours; on the 20th it is started anew with what was stored. The last part has very many feeds that follow a formula.
"""

import argparse
import json
import math
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import feed_populations as populations
import freshness
from feed_populations import DAY, Feed

from bot.config.settings import PollingSettings
from bot.feeds.scheduling.learnt_interval import price_keeper
from bot.feeds.scheduling.poll_budget import PriceKeeper
from bot.feeds.scheduling.poll_price import usual
from bot.feeds.scheduling.publish_habit import minutes_of

ARRIVAL, OUTAGE, OUTAGE_DAYS, RESTART, END = 10, 16, 1.5, 20, 28
PHASES = (
    ("first day", 0, 1),
    ("days 2 and 3", 1, 3),
    ("until the others arrive", 3, ARRIVAL),
    ("the day of their arrival", ARRIVAL, ARRIVAL + 1),
    ("until the outage", ARRIVAL + 1, OUTAGE),
    ("until the restart", OUTAGE + OUTAGE_DAYS, RESTART),
    ("the day after the restart", RESTART, RESTART + 1),
    ("the last week", END - 7, END),
)


def real(feeds: list[Feed], settings: PollingSettings) -> bool:
    """One population through all phases. Whether the last week kept to the budget."""
    bot = freshness.Bot(settings, counted_from=0.0)
    bot.is_down = lambda at: OUTAGE * DAY <= at < (OUTAGE + OUTAGE_DAYS) * DAY
    some = max(1, len(feeds) // 10)
    bot.follow(feeds[:some], 0.0)
    polls, prices, before = 0.0, [], 0
    for name, first, last in PHASES:
        bot.run(first * DAY)  # what lies between two phases
        if first == ARRIVAL:
            bot.follow(feeds[some:], first * DAY)
        if first == RESTART:
            stored = dict(bot.prices.known)
            bot.prices = price_keeper(settings, freshness.START)
            bot.prices.resume(stored, minutes_of(freshness.START) + first * DAY)
        before, prices = sum(each.count for each in bot.followed), [bot.prices.price()]
        for hour in range(int(first * 24), int(last * 24)):
            bot.run((hour + 1) * 60.0)
            prices.append(bot.prices.price())
        polls = (sum(each.count for each in bot.followed) - before) / len(bot.followed) / (last - first)
        print(
            f"  {name:26} {polls:6.1f} polls a feed and day, price {min(prices):.3f} to {max(prices):.3f}", flush=True
        )
    return abs(polls / settings.polls_per_day - 1) < 0.1


def many(count: int, settings: PollingSettings, days: int = 3) -> bool:
    """So many feeds that are asked more by day than by night, and dearer than usual ones."""
    prices = PriceKeeper(settings.polls_per_day, 0.0)
    seen = []
    begun = time.process_time()
    for hour in range(days * 24):
        prices.steer(hour * 60.0)
        by_day = 1.25 if 6 <= hour % 24 < 22 else 0.5
        wait = min(120.0, 55 * (prices.price() / usual(settings.polls_per_day)) ** 0.45 / by_day)
        polls = round(count * 60 / wait)
        for _ in range(polls):
            prices.learn(wait)
        seen.append(polls)
    last = sum(seen[-24:]) / count
    spent = 1e6 * (time.process_time() - begun) / sum(seen)
    print(
        f"{count:,} feeds by formula: {last:.1f} polls a feed on the last of {days} days, {spent:.2f} us a poll to learn from"
    )
    return math.isclose(last, settings.polls_per_day, rel_tol=0.1)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--feeds", type=int, nargs="+", default=[10, 100, 300])
    options.add_argument("--seed", type=int, default=11)
    options.add_argument("--many", type=int, default=100_000)
    given = options.parse_args()
    settings, templates = PollingSettings(), populations.SHARED / "templates_shared.jsonl"
    met = True
    if templates.exists():
        hosts = json.loads((populations.SHARED / "hosts.json").read_text(encoding="utf-8"))
        for count in given.feeds:
            print(f"{count} feeds")
            met &= real(populations.build(populations.load(templates), count, given.seed, hosts), settings)
    else:
        print(f"SKIPPED: there are no templates of real feeds at {templates}", file=sys.stderr)
    met &= many(given.many, settings)
    print("the budget is kept" if met else "MISSED: the budget is not kept within a tenth")
    return 0 if met else 1


if __name__ == "__main__":
    raise SystemExit(main())
