"""Populations of feeds with real publication times, for benchmarks of when feeds are asked. Nothing in them depends on the run.

The times are templates that lie beside the project, in `freshness/templates_shared.jsonl`: dates that captured feeds listed,
and streams of a real polling history. A population is drawn from them with replacement, as the study that collected them
draws it (`freshness/population.py`): feeds of six weeks from a Monday on, in minutes, a tenth asleep, some without dates, some
whose hosts or documents ask to be left alone, some in caches so that articles appear after their date.
"""

import cmath
import json
import math
import os
import random
import statistics
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path

DAYS = 42
DAY = 1440.0
MONDAY = 4 * 1440
"""Minutes from the Unix epoch, a Thursday, to its first Monday."""
EDGES = (0.4, 2.5, 12.0)
CLASSES = ("below 0.4 a day", "0.4 to 2.5", "2.5 to 12", "above 12")
MIX = (0.45, 0.30, 0.17, 0.08)
"""Shares of the classes."""
SHARED = Path(os.environ.get("RIVERPOST_SHARED") or Path(__file__).resolve().parents[2] / "shared") / "freshness"


@dataclass
class Template:
    """A real sequence of times, in minutes since the epoch."""

    name: str
    kind: str
    """`direct`: as it was; `stream`: with real appearances; `busy`: its days are drawn again and again."""
    published: list[float]
    appeared: list[float] | None = None
    listed: int = 20
    ttl: float = 0.0


@dataclass
class Feed:
    """A feed, in minutes since its first Monday."""

    number: int
    template: str
    published: list[float]
    appeared: list[float]
    before: list[float]
    """Dates of what it listed before the first minute."""
    listed: int
    """Entries that its document lists."""
    ttl: float
    max_age: float
    dated: bool
    conditional: bool
    """Its host answers 304."""
    host: int
    polls: int = 0
    delays: list[float] = field(default_factory=list)
    lost: int = 0

    @property
    def group(self) -> int:
        """Which of `CLASSES`, by what it publishes in these weeks."""
        return bisect_left(EDGES, len(self.appeared) / DAYS)


def load(path: Path) -> list[Template]:
    """The templates of a file, one a line."""
    return [Template(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def build(templates: Sequence[Template], count: int, seed: int, hosts: Sequence[int]) -> list[Feed]:
    """Draw a population."""
    chance = random.Random(seed)
    classes: list[list[Template]] = [[], [], [], []]
    for template in templates:
        classes[bisect_left(EDGES, _pace(template))].append(template)
    cumulative = list(accumulate(hosts))
    return [_feed(chance, number, classes, cumulative) for number in range(count)]


def _feed(chance: random.Random, number: int, classes: Sequence[Sequence[Template]], hosts: Sequence[int]) -> Feed:
    template = chance.choice(chance.choices(classes, MIX)[0])
    asleep = template.kind != "stream" and chance.random() < 0.10
    if template.kind == "busy":
        published, appeared = _busy(template, chance), None
    else:
        start = _start(template, chance)
        published = [when - start for when in template.published]
        appeared = [when - start for when in template.appeared] if template.appeared else None
    if asleep:
        shift = max(published, default=0.0) + chance.uniform(5, 300) * DAY
        published, appeared = [when - shift for when in published], None
    style = chance.random()
    most = 2.0 if style < 0.5 else chance.uniform(2, 15)
    if appeared is None:
        # Half of all feeds are written when asked for; others lie in a cache for a while, some appear long after.
        appeared = [
            when + (chance.uniform(0, most) if style < 0.8 else min(120.0, chance.expovariate(1 / 20)))
            for when in published
        ]
    pairs = sorted(zip(appeared, published, strict=True))
    inside = [(seen, date) for seen, date in pairs if 0 <= seen < DAYS * DAY]
    kind = chance.random()
    return Feed(
        number,
        template.name,
        [date for _, date in inside],
        [seen for seen, _ in inside],
        [date for seen, date in pairs if seen < 0][-template.listed :],
        template.listed,
        template.ttl,
        5.0 if kind < 0.15 else 60.0 if kind < 0.23 else 0.0,
        dated=chance.random() >= 0.08,
        host=bisect_left(hosts, chance.uniform(0, hosts[-1])),
        conditional=chance.random() < 0.65,
    )


def _start(template: Template, chance: random.Random) -> float:
    """The Monday from which its last six weeks, or some six weeks of a stream, are taken."""
    week = 7 * DAY
    if template.kind != "stream":
        return math.floor((template.published[-1] - DAYS * DAY - MONDAY) / week) * week + MONDAY
    assert template.appeared is not None
    first = math.ceil((template.appeared[0] + week - MONDAY) / week) * week + MONDAY
    starts = []
    while first + DAYS * DAY <= template.appeared[-1] + DAY:
        starts.append(first)
        first += week
    return chance.choice(starts)


def _pace(template: Template) -> float:
    """Articles a day over the last six weeks, or over what is listed if that is less."""
    end = template.published[-1]
    recent = sum(1 for when in template.published if when >= end - DAYS * DAY)
    return recent / min(DAYS, max(1.0, (end - template.published[0]) / DAY))


def _busy(template: Template, chance: random.Random) -> list[float]:
    """Its real days drawn again and again, weekend days for weekends, each event moved as far as the sample is vague."""
    times = template.published
    days: dict[int, list[float]] = {day: [] for day in range(math.ceil(times[0] / DAY), math.floor(times[-1] / DAY))}
    for when in times:
        if int(when // DAY) in days:
            days[int(when // DAY)].append(when % DAY)
    if not any(days.values()):
        end = times[-1] + 0.01
        latest = times if days else [when for when in times if when > end - DAY]
        days = {math.ceil(times[0] / DAY): [when % DAY for when in latest]}
    weekend = [day for day in days if (day + 3) % 7 >= 5]
    working = [day for day in days if (day + 3) % 7 < 5]
    spreads = dict(zip(days, _spreads(list(days.values())), strict=True))
    quiet = chance.uniform(0.3, 0.9)
    found = []
    for day in range(DAYS + 14):
        is_weekend = day % 7 >= 5
        pool = weekend if is_weekend else working
        keep = 1.0
        if not pool:
            pool, keep = list(days), (quiet if is_weekend else 1.0)
        drawn = chance.choice(pool)
        for when, spread in zip(days[drawn], spreads[drawn], strict=True):
            for _ in range(_copies(chance, keep) if spread > 20 else int(chance.random() < 0.93 * keep)):
                moved = chance.gauss(0, spread)
                if when % 15 == 0:
                    moved = 60.0 * round(moved / 60)
                found.append(day * DAY + when + moved)
    return sorted(when - 14 * DAY for when in found)


def _copies(chance: random.Random, keep: float) -> int:
    """How often an event happens that happens `keep` times on average (Poisson)."""
    drawn, copies, share = chance.random(), 0, math.exp(-keep)
    total = share
    while drawn > total and copies < 6:
        copies += 1
        share *= keep / copies
        total += share
    return copies


def _spreads(days: Sequence[Sequence[float]]) -> list[list[float]]:
    """How far each event is moved, in minutes: Silverman's bandwidth, but where other days show the same ten minutes."""
    every = [when for day in days for when in day]
    mean = sum(cmath.exp(1j * when * 2 * math.pi / DAY) for when in every) / len(every)
    length = min(0.999, max(1e-3, abs(mean)))
    deviation = min(math.sqrt(-2 * math.log(length)), math.pi / math.sqrt(3)) * DAY / (2 * math.pi)
    wide = max(10.0, 1.06 * deviation * len(every) ** -0.2)
    found = []
    for index, day in enumerate(days):
        others = [when for number, other in enumerate(days) if number != index for when in other]
        least = max(2.0, 3 * len(others) * 20 / DAY * 2)
        near = (sum(min(abs(when - o), DAY - abs(when - o)) <= 10 for o in others) for when in day)
        found.append([5.0 if count >= least else wide for count in near])
    return found


@dataclass(frozen=True)
class Figures:
    """What a rule did to a population: polls a feed and day, and minutes from an article's appearance to its discovery."""

    polls: float
    median: float
    mean: float
    p90: float
    p99: float
    feed_median: float
    """Over the feeds' own medians, as the next two."""
    feed_mean: float
    feed_p90: float
    lost: int
    """Articles that dropped out of their feeds' lists before they were seen."""


def figures(feeds: Iterable[Feed], days: float) -> Figures:
    """Of feeds that were asked for so many days."""
    feeds = list(feeds)
    delays = sorted(delay for feed in feeds for delay in feed.delays)
    medians = sorted(statistics.median(feed.delays) for feed in feeds if feed.delays)
    return Figures(
        sum(feed.polls for feed in feeds) / len(feeds) / days,
        quantile(delays, 0.5),
        statistics.fmean(delays),
        quantile(delays, 0.9),
        quantile(delays, 0.99),
        quantile(medians, 0.5),
        statistics.fmean(medians),
        quantile(medians, 0.9),
        sum(feed.lost for feed in feeds),
    )


def quantile(ordered: Sequence[float], share: float) -> float:
    """Of values in order."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
