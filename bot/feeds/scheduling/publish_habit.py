"""When a feed tends to publish: how much, in which hours of the day, and for how long it has been silent. Pure.

A habit is learnt from the dates of a feed's first document, and from then on from what each poll finds new. It stays as
it is while nothing new comes: how much time has passed since is worked out when it is read. Times are minutes since the
epoch, in UTC; what one clock change moves, smoothing over neighbouring hours takes in.
"""

import base64
import struct
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

HOUR, DAY = 60.0, 1440.0
WEEKDAYS = (1.1, 1.12, 1.12, 1.12, 1.08, 0.73, 0.73)
"""How much of a feed's articles come on each day of the week, from Monday on; 1 on average. The same for all feeds."""
HALF_LIFE = 30 * DAY
"""What was seen so long ago counts half for how much a feed publishes."""
FORGET = 0.985
"""What an earlier article still counts for the hours when another one came: about 66 articles of memory."""
FORGET_FALSE = 0.9
"""The same where the new article's date was false by hours: then the hours that were learnt from dates are false, too."""
PRIOR_ARTICLES, PRIOR_DAYS = 0.5, 1.0
"""What is thought of a feed of which nothing is known: half an article in a day."""
BLURRED = 3 * HOUR
"""An article without a usable date that came in between two polls further apart than this tells no hour."""
MOST = 200
"""Articles of one document that are learnt from, the newest."""
LONGEST = 90 * DAY
"""How far back dates count for how much a feed publishes."""
BUSIER = 3.0
"""So many times busier than the whole list is its newer half, if the feed was silent in between, or keeps an old entry pinned."""
STAMPED = 1.0
"""A document whose dates all lie within this of now stamps its entries when it is asked: such dates say nothing."""
_MONDAY = 3 * DAY
"""From a Monday, 00:00, to the beginning of the epoch, a Thursday."""
_DAYS_BEFORE = (0.0, *accumulate(WEEKDAYS))
_FULL_DAYS = HALF_LIFE / DAY / 0.6931471805599453
"""What `days` come to in the end."""
_FLAT = (1.0,) * 24
_NO_HOURS = (0.0,) * 24
_PACKED = struct.Struct("<24e3fd")


class PublishHabit(NamedTuple):
    """What is remembered of when a feed publishes."""

    hours: tuple[float, ...]
    """Weights of the hours of the day, in UTC."""
    articles: float
    """How many came in `days`; both fade."""
    days: float
    silent: float
    """How many articles were to be expected since the last one, at `at`."""
    at: float
    """When all this was so."""


def minutes_of(moment: datetime) -> float:
    """A moment as it is counted here."""
    return moment.timestamp() / 60


def unknown(now: float) -> PublishHabit:
    """The habit of a feed of which nothing is known yet."""
    return PublishHabit(_NO_HOURS, 0.0, 0.0, 0.0, now)


def pack(habit: PublishHabit) -> str:
    """As it is stored: 68 bytes, as text."""
    return base64.b64encode(_PACKED.pack(*habit.hours, *habit[1:])).decode("ascii")


def unpack(stored: str) -> PublishHabit:
    """What `pack` made."""
    values = _PACKED.unpack(base64.b64decode(stored))
    return PublishHabit(values[:24], *values[24:])


def from_dates(dates: Iterable[float | None], now: float) -> PublishHabit:
    """The habit as the dates of a feed's first document show it.

    Future dates are left out. The oldest entry only marks the beginning. Several of one minute are one event of the day,
    and dates without a time of day, all at midnight, tell no hour.
    """
    listed = list(dates)
    known = sorted(date for date in listed if date is not None and date <= now)[-MOST:]
    if not known or 2 * len(known) < min(len(listed), MOST) or now - known[0] < STAMPED:
        return unknown(now)
    start = max(_beginning(known, now), now - LONGEST)
    recent = [date for date in known if date > start]
    articles, days = _faded(0.0, 0.0, recent, start, now)
    moments = sorted({date // 1 for date in known})
    has_times = 2 * sum(1 for moment in moments if moment % DAY == 0) < len(moments) or len(moments) < 3
    habit = PublishHabit(_NO_HOURS, articles, days, 0.0, known[-1])
    if has_times:
        habit = habit._replace(hours=_with_hours(_NO_HOURS, moments, FORGET))
    return passed(habit, now, learnt_at=now)


def _beginning(known: Sequence[float], now: float) -> float:
    """From when on the dates count for how much is published."""
    half = max(2, (len(known) + 1) // 2)
    if len(known) > half:
        whole, newer = (len(known) - 1) / (now - known[0]), (half - 1) / max(now - known[-half], STAMPED)
        if newer > BUSIER * whole:
            return known[-half]
    return known[0]


def with_news(habit: PublishHabit, dates: Iterable[float | None], *, before: float | None, now: float) -> PublishHabit:
    """The habit after a poll at `now` found new articles that the one at `before` did not list.

    A date counts if it lies between the two polls. Otherwise the article came in the middle of them for all that is known.
    """
    since = min(habit.at, now) if before is None else min(before, now)
    middle, is_sharp = (since + now) / 2, now - since <= BLURRED
    times: list[float] = []
    sharp: list[float] = []
    are_false = False
    for date in list(dates)[:MOST]:
        if date is not None and since < date <= now:
            times.append(date)
            sharp.append(date)
        else:
            times.append(middle)
            if is_sharp:
                sharp.append(middle)
            are_false = are_false or (date is not None and not since - BLURRED <= date <= now + BLURRED)
    if not times:
        return habit
    articles, days = _faded(habit.articles, habit.days, times, habit.at, now)
    hours = _with_hours(habit.hours, sorted(sharp), FORGET_FALSE if are_false else FORGET)
    return passed(PublishHabit(hours, articles, days, 0.0, max(times)), now, learnt_at=now)


def _faded(articles: float, days: float, times: Iterable[float], start: float, now: float) -> tuple[float, float]:
    """Articles and days up to now: what came at `times` since `start` added, and all of it faded by its age."""
    fade = 0.5 ** (max(0.0, now - start) / HALF_LIFE)
    articles = articles * fade + sum(0.5 ** (max(0.0, now - when) / HALF_LIFE) for when in times)
    return articles, days * fade + (1 - fade) * _FULL_DAYS


def _with_hours(hours: tuple[float, ...], times: Sequence[float], keep: float) -> tuple[float, ...]:
    """The weights after articles came at these times, the oldest first."""
    if not times:
        return hours
    fade = keep ** len(times)
    found = [weight * fade for weight in hours]
    for number, when in enumerate(reversed(times)):
        found[int(when % DAY // HOUR)] += FORGET**number
    return tuple(found)


def passed(habit: PublishHabit, now: float, *, learnt_at: float | None = None) -> PublishHabit:
    """The same habit at a later moment, if no article came until then.

    Args:
        learnt_at: up to when articles and days are counted already; None: `habit.at`.
    """
    hours, articles, days, silent, at = habit
    if now <= at:
        return habit
    if learnt_at is None:
        fade = 0.5 ** ((now - at) / HALF_LIFE)
        articles, days = articles * fade, days * fade + (1 - fade) * _FULL_DAYS
    silent += (articles + PRIOR_ARTICLES) / (days + PRIOR_DAYS) * expected(at, now, by_hour(hours))
    return PublishHabit(hours, articles, days, silent, now)


def rate_of(habit: PublishHabit) -> float:
    """Articles a day."""
    return (habit.articles + PRIOR_ARTICLES) / (habit.days + PRIOR_DAYS)


@lru_cache(maxsize=1)
def by_hour(h: tuple[float, ...]) -> Sequence[float]:
    """How likely an article is in each hour of the day, 1 on average: even, five hours and three hours, mixed."""
    total = sum(h)
    if total == 0:
        return _FLAT
    scale = 24 / (total + 0.5)
    even = 0.3 + 0.7 * 0.5 / (total + 0.5)
    here, beside, beyond = scale * (0.5 / 3 + 0.1), scale * (0.5 * 2 / 9 + 0.05), scale * 0.5 / 9
    around = zip(h[22:] + h, h[23:] + h, h, (*h[1:], h[0]), h[2:] + h[:2], strict=False)
    return [even + here * c + beside * (b + d) + beyond * (a + e) for a, b, c, d, e in around]


def expected(start: float, end: float, likely: Sequence[float]) -> float:
    """What a feed with one article a day publishes between two moments."""
    first, minute = divmod(start + _MONDAY, DAY)
    last, until = divmod(end + _MONDAY, DAY)
    from_day, to_day = int(first), int(last)
    share = WEEKDAYS[to_day % 7] * _of_day(until, likely) - WEEKDAYS[from_day % 7] * _of_day(minute, likely)
    if from_day != to_day:
        weeks = to_day // 7 - from_day // 7
        share += 24 * (7 * weeks + _DAYS_BEFORE[to_day % 7] - _DAYS_BEFORE[from_day % 7])
    return max(0.0, share / 24)


def _of_day(minute: float, likely: Sequence[float]) -> float:
    hours = minute / HOUR
    hour = int(hours)
    return sum(likely[:hour]) + likely[hour] * (hours - hour)
