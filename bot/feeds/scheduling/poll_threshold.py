"""How long a feed can be left alone: until the articles that are expected to wait unseen are worth a poll. Pure.

All feeds have one price of a poll, so the last poll of every feed is worth the same: no poll would do more good at
another feed. A feed is asked soon where it tends to publish, and left alone where it does not.
"""

from bisect import bisect_right
from functools import lru_cache
from math import inf, log2, sqrt

from bot.feeds.scheduling.publish_habit import DAY, WEEKDAYS, PublishHabit, by_hour, rate_of

EXPONENT, USUAL_POLLS, PER_DOUBLING, LEAST, MOST = 0.57, 24.0, 0.15, 0.4, 0.75
"""How much the price rises with what a feed publishes, at the usual budget; more where it is twice as large, within bounds.

0: every article counts alike, so busy feeds get most polls. 1: every feed counts alike. The fewer polls there are, the more they
go where articles are.
"""
SILENCES = (0.03, 0.1, 0.3, 0.7, 1.5, 3.0, 6.0, inf)
FACTORS = (2.0, 1.5, 1.1, 1.05, 1.0, 0.85, 0.65, 0.3)
"""Up to so many articles expected since the last one, the next is so much likelier than its hour alone says."""
FLOOR = 0.3
"""No hour and no silence makes an article less likely than this share of the feed's average."""
STEP = 10.0
"""Minutes that are looked ahead at a time; further away less closely."""
STEPS_AWAY = 12.0
_NEAR = STEP * STEPS_AWAY
_MONDAY = 3 * DAY


@lru_cache(maxsize=4)
def exponent_of(budget: float) -> float:
    """The exponent for so many polls a feed and day."""
    return min(max(EXPONENT + PER_DOUBLING * log2(budget / USUAL_POLLS), LEAST), MOST)


def minutes_to_wait(
    habit: PublishHabit, *, price: float, shortest: float, longest: float, exponent: float = EXPONENT
) -> float:
    """Minutes from `habit.at` until the delay of articles that are expected to wait unseen comes to the price.

    Args:
        price: in article minutes for a feed with one article a day.
    """
    likely, rate = by_hour(habit.hours), rate_of(habit)
    missing = price * rate**exponent
    per_minute = rate / DAY
    silent, waiting, gone, width = habit.silent, 0.0, 0.0, STEP
    moment = habit.at + _MONDAY
    silence = bisect_right(SILENCES, silent)
    while gone < longest:
        day, minute = divmod(moment + gone, DAY)
        expected = per_minute * likely[int(minute / 60)] * WEEKDAYS[int(day) % 7]
        more = expected * FACTORS[silence]
        more = max(more, per_minute * FLOOR)
        unseen = waiting + more * width
        added = (waiting + unseen) * width / 2
        if added >= missing:
            gone += (sqrt(waiting * waiting + 2 * more * missing) - waiting) / more
            break
        missing -= added
        waiting = unseen
        gone += width
        silent += expected * width
        if silent >= SILENCES[silence]:
            silence = bisect_right(SILENCES, silent)
        if gone > _NEAR:
            width = gone / STEPS_AWAY
    return min(max(gone, shortest), longest)
