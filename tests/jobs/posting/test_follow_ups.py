"""What comes after posting, in virtual time: ten an hour and channel are published, oldest first, each once."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from bot.jobs.discord_health import DiscordHealth
from bot.jobs.posting.follow_ups import FollowUpsJob
from bot.model import BlockReason, FollowUp, FollowUpKind, MessagePayload, PostPlan, SendKind, SendResult
from bot.posting.pacing.circuit_breaker import CircuitBreaker
from bot.store import Store
from tests.builders import START, at, new, read_outcome
from tests.fakes import FakeClock

GUILD, CHANNEL = 1, 10


@dataclass
class FakeDoer:
    """Does what it is asked, or what it is told; knows what was done."""

    clock: FakeClock
    answers: list[SendResult] = field(default_factory=list)
    asked: list[tuple[float, FollowUpKind, int]] = field(default_factory=list)
    done: set[int] = field(default_factory=set)
    blocked: SendResult | None = None

    def will_answer(self, *answers: SendResult) -> None:
        self.answers += answers

    def ready(self) -> bool:
        return True

    def now(self) -> datetime:
        return self.clock.now()

    async def obstacle(self, channel_id: int, guild_id: int) -> SendResult | None:
        return self.blocked

    async def do(self, follow_up: FollowUp) -> SendResult:
        self.asked.append((self.clock.monotonic(), follow_up.kind, follow_up.message_id))
        answer = self.answers.pop(0) if self.answers else SendResult(SendKind.POSTED)
        if answer.kind in {SendKind.POSTED, SendKind.UNKNOWN}:
            self.done.add(follow_up.message_id)
        return answer


class Desk:
    def __init__(self, store: Store) -> None:
        self.store = store
        self.clock = FakeClock(START)
        self.doer = FakeDoer(self.clock)
        traffic = CircuitBreaker()
        self.stopped = False
        self.job = FollowUpsJob(
            store,
            self.doer,
            self.doer,
            traffic,
            DiscordHealth(store, traffic, self.clock, on_more=lambda: None, on_unauthorised=self._stop),
            self.clock,
        )

    def _stop(self) -> None:
        self.stopped = True

    async def post(self, number: int, *, channel: int = CHANNEL, guild: int = GUILD, **body: object) -> None:
        """A message with this id is posted now."""
        feed = await self.store.feeds.ensure(f"https://{channel}.example/feed", now=START)
        await self.store.entries.apply(
            read_outcome(feed, new(number, published=self.clock.now()), now=self.clock.now())
        )
        [(delivery, _)] = await self.store.deliveries.waiting(channel, limit=9)
        payload = MessagePayload.from_json(json.dumps({"embeds": [], **(body or {"publish": True})}))
        plan = PostPlan(delivery.topic.id, channel, guild, f"n{number}", payload, (delivery.id,))
        await self.store.posts.plan(plan, now=self.clock.now())
        found = await self.store.posts.first_open(channel)
        assert found is not None
        await self.store.posts.posted(found.id, channel_id=channel, message_id=number, now=self.clock.now())

    async def run(self, seconds: float) -> None:
        end = self.clock.monotonic() + seconds
        while self.clock.monotonic() < end:
            pause = await self.job.round()
            step = 20.0 if pause >= 5 else pause  # coarser looks where nothing is due
            self.clock.advance(min(step, end - self.clock.monotonic()) or 0.1)

    def published(self, low: int = 0, high: int = 999) -> list[int]:
        return [number for _, kind, number in self.doer.asked if kind is FollowUpKind.PUBLISH and low <= number < high]


@pytest.fixture
async def desk(store: Store) -> Desk:
    for channel in (CHANNEL, 20):
        made = await store.topics.create(guild_id=GUILD, name=f"t{channel}", channel_id=channel, backfill=0, now=START)
        assert made is not None
        feed = await store.feeds.ensure(f"https://{channel}.example/feed", now=START)
        await store.topics.subscribe(made.id, feed.id, added_by=None, now=START)
        await store.entries.apply(read_outcome(feed))
    return Desk(store)


async def test_of_fifteen_in_an_hour_ten_are_published_at_once_and_five_an_hour_later(desk: Desk) -> None:
    for number in range(1, 16):
        await desk.post(number)
    await desk.run(600)
    assert desk.published() == list(range(1, 11))
    await desk.run(2900)
    assert len(desk.published()) == 10
    await desk.run(200)
    assert desk.published() == list(range(1, 16))


async def test_what_waited_for_more_than_a_day_is_published_no_faster(desk: Desk) -> None:
    for number in range(1, 16):
        await desk.post(number)
    desk.clock.advance(2 * 86400)
    await desk.run(600)
    assert desk.published() == list(range(1, 11))
    await desk.run(3600)
    assert desk.published() == list(range(1, 16))


async def test_no_hour_of_a_busy_day_has_more_than_ten_and_channels_do_not_share_it(desk: Desk) -> None:
    for number in range(1, 61):
        await desk.post(number)
        await desk.post(number + 100, channel=20)
        await desk.run(120)
    await desk.run(6 * 3600)
    for first in (0, 100):
        times = [moment for moment, _, number in desk.doer.asked if first < number <= first + 60]
        assert len(times) == 60
        assert all(later - earlier > 3600 for earlier, later in zip(times, times[10:], strict=False))
        assert all(earlier < later for earlier, later in pairwise(times))


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (SendResult(SendKind.UNKNOWN, reason="no answer"), 2),
        (SendResult(SendKind.NOT_SENT, reason="wait", retry_after_seconds=1163.0), 1163),
        (SendResult(SendKind.NO_ACCESS, code=50013, reason="rights"), 60),
        (SendResult(SendKind.UNAUTHORISED, reason="401"), 2),
    ],
    ids=["unknown", "429", "50013", "401"],
)
async def test_what_may_pass_is_asked_again_and_what_was_done_counts_as_done(
    desk: Desk, answer: SendResult, seconds: float
) -> None:
    await desk.post(1)
    desk.doer.will_answer(answer, SendResult(SendKind.POSTED, code=40033))
    await desk.run(seconds - 1)
    assert len(desk.doer.asked) == 1
    assert desk.stopped is (answer.kind is SendKind.UNAUTHORISED)
    await desk.run(60)
    assert len(desk.doer.asked) == 2
    await desk.run(7200)
    assert len(desk.doer.asked) == 2


@pytest.mark.parametrize(
    "answer",
    [
        SendResult(SendKind.REMOVED, code=10008, reason="deleted"),
        SendResult(SendKind.REFUSED, code=50024, reason="no announcement channel any more"),
    ],
    ids=["10008", "50024"],
)
async def test_what_can_never_be_done_is_asked_once(desk: Desk, answer: SendResult) -> None:
    await desk.post(1)
    desk.doer.will_answer(answer)
    await desk.run(7200)
    assert len(desk.doer.asked) == 1


async def test_a_limit_holds_back_the_whole_channel_and_no_other(desk: Desk) -> None:
    for number in (1, 2, 3):
        await desk.post(number)
    await desk.post(101, channel=20)
    desk.doer.will_answer(SendResult(SendKind.NOT_SENT, reason="wait", retry_after_seconds=1163.0))
    await desk.run(1100)
    assert desk.published() == [1, 101]
    await desk.run(100)
    assert desk.published() == [1, 101, 1, 2, 3]


async def test_a_thread_is_made_at_once_with_its_name_and_counts_towards_no_hour(desk: Desk) -> None:
    for number in range(1, 16):
        await desk.post(number, publish=True, thread={"name": f"Talk {number}"})
    await desk.run(60)
    assert len(desk.published()) == 10
    assert [number for _, kind, number in desk.doer.asked if kind is FollowUpKind.THREAD] == list(range(1, 16))


async def test_an_attempt_counts_even_if_the_process_dies_before_its_answer(desk: Desk) -> None:
    for number in range(1, 13):
        await desk.post(number)
    for _ in range(10):
        found = await desk.store.follow_ups.next(now=desk.clock.now())
        assert found is not None
        await desk.store.follow_ups.attempt(found, now=desk.clock.now())
        await desk.store.follow_ups.later(found, due_at=at(1), error="killed")
    assert await desk.store.follow_ups.next(now=at(59)) is None
    assert await desk.store.follow_ups.next(now=at(61)) is not None


async def test_without_rights_nothing_is_asked_and_after_three_days_it_is_given_up(desk: Desk) -> None:
    await desk.post(1)
    desk.doer.blocked = SendResult(SendKind.NO_ACCESS, reason="the bot lacks View Channel in the channel")
    for _ in range(80):
        await desk.job.round()
        desk.clock.advance(3600)
    desk.doer.blocked = None
    await desk.run(600)
    assert desk.doer.asked == []
    assert await desk.store.follow_ups.next(now=START + timedelta(days=30)) is None


async def test_a_plain_message_asks_for_nothing(desk: Desk) -> None:
    await desk.post(1, publish=False)
    await desk.run(60)
    assert desk.doer.asked == []


async def test_what_was_to_follow_a_message_whose_channel_is_gone_is_given_up(desk: Desk) -> None:
    await desk.post(1)
    desk.doer.blocked = SendResult(SendKind.NO_ACCESS, hold=BlockReason.GONE)
    await desk.job.round()
    desk.doer.blocked = None
    assert await desk.store.follow_ups.next(now=at(60 * 24)) is None


async def test_what_one_server_has_to_do_does_not_keep_anothers_waiting(desk: Desk) -> None:
    for number in range(1, 6):
        await desk.post(number, thread={"name": "Talk"})
    await desk.post(6, channel=20, guild=2, thread={"name": "Talk"})
    await desk.run(60)
    assert [number for _, _, number in desk.doer.asked] == [1, 6, 2, 3, 4, 5]
