"""The pace of requests on a clock that only moves when somebody waits."""

import asyncio
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from bot.posting.pacing.rate_limiter import RateLimiter


class SteppedClock:
    """Sleeping moves time at once; `stand_still` makes sleepers wait for good."""

    def __init__(self) -> None:
        self.seconds = 100.0
        self.standing = False

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.seconds, UTC)

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        if self.standing:
            await asyncio.Event().wait()
        self.seconds += seconds
        await asyncio.sleep(0)

    def chance(self) -> float:
        return 0.5

    def stand_still(self) -> None:
        self.standing = True

    def move_again(self) -> None:
        self.standing = False


async def leaving_times(clock: SteppedClock, rate: int, count: int) -> list[float]:
    budget = RateLimiter(rate, clock)
    times = []
    for _ in range(count):
        await budget.acquire()
        times.append(clock.monotonic())
    return times


@pytest.mark.parametrize("rate", [1, 2, 5, 7, 40])
async def test_no_second_has_more_requests_than_the_rate(rate: int) -> None:
    times = await leaving_times(SteppedClock(), rate, rate * 4)
    assert all(later - earlier > 1.0 for earlier, later in zip(times, times[rate:], strict=False))


async def test_at_most_five_leave_at_an_instant() -> None:
    times = await leaving_times(SteppedClock(), 40, 10)
    assert times[:5] == [100.0] * 5
    assert all(later - earlier >= 0.02 for earlier, later in pairwise(times[4:]))


async def test_after_the_first_burst_the_rate_is_nearly_reached() -> None:
    times = await leaving_times(SteppedClock(), 40, 361)
    assert times[-1] - times[0] < 11.0


async def test_a_tenth_of_the_rate_is_kept_for_people_who_wait() -> None:
    clock = SteppedClock()
    budget = RateLimiter(40, clock)
    for _ in range(36):
        await budget.acquire()
    start = clock.monotonic()
    clock.stand_still()
    background = asyncio.create_task(budget.acquire())
    await asyncio.sleep(0)
    clock.move_again()
    for _ in range(4):
        await budget.acquire(for_person=True)
    assert clock.monotonic() - start < 0.11
    assert not background.done()
    background.cancel()
    await asyncio.gather(background, return_exceptions=True)


async def test_people_and_background_work_together_never_pass_the_rate() -> None:
    clock, times = SteppedClock(), []
    budget = RateLimiter(10, clock)
    for number in range(60):
        await budget.acquire(for_person=number % 3 == 0)
        times.append(clock.monotonic())
    assert all(later - earlier > 1.0 for earlier, later in zip(times, times[10:], strict=False))


async def test_those_who_came_first_leave_first() -> None:
    budget = RateLimiter(1, SteppedClock())
    order: list[int] = []

    async def leave(number: int) -> None:
        await budget.acquire()
        order.append(number)

    await asyncio.gather(*(leave(number) for number in range(6)))
    assert order == list(range(6))


async def test_cancelling_while_waiting_gives_the_place_to_the_next() -> None:
    clock = SteppedClock()
    budget = RateLimiter(1, clock)
    await budget.acquire()
    clock.stand_still()
    waiting = asyncio.create_task(budget.acquire())
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    clock.move_again()
    await budget.acquire()
    assert clock.monotonic() - 100.0 < 1.1
