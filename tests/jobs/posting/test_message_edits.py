"""Edits under Discord's moods: each is made once it can be, by code, and behind everything else."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from bot.jobs.discord_health import DiscordHealth
from bot.jobs.posting.message_edits import EditsJob
from bot.messages.renderer import EmbedRenderer
from bot.model import BlockReason, Entry, MatchedEntry, MessagePayload, PostPlan, SendKind, SendResult
from bot.posting.pacing.circuit_breaker import CircuitBreaker
from bot.store import Store
from bot.store.posting.edit_requests import request_edit
from tests.builders import START, at, new, read_outcome
from tests.fakes import FakeClock
from tests.standins import english

GUILD, CHANNEL, MESSAGE = 1, 10, 77


@dataclass
class FakeEditor:
    """Answers as it is told, else well."""

    answers: list[SendResult] = field(default_factory=list)
    edits: list[tuple[int, int, MessagePayload]] = field(default_factory=list)
    blocked: SendResult | None = None
    is_ready: bool = True

    def will_answer(self, *answers: SendResult) -> None:
        self.answers += answers

    def ready(self) -> bool:
        return self.is_ready

    async def obstacle(self, channel_id: int, guild_id: int) -> SendResult | None:
        return self.blocked

    async def edit(self, channel_id: int, message_id: int, payload: MessagePayload) -> SendResult:
        self.edits.append((channel_id, message_id, payload))
        return self.answers.pop(0) if self.answers else SendResult(SendKind.POSTED, message_id=message_id)


class Desk:
    """The job with a message that is to name a second source."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.editor = FakeEditor()
        self.clock = FakeClock(at(5))
        self.traffic = CircuitBreaker()
        self.stopped = False
        self.job = EditsJob(
            store,
            self.editor,
            EmbedRenderer(),
            self.traffic,
            DiscordHealth(store, self.traffic, self.clock, on_more=lambda: None, on_unauthorised=self._stop),
            self.clock,
            language=english,
        )

    def _stop(self) -> None:
        self.stopped = True

    async def rounds(self, count: int = 3) -> int:
        """How many edits left in these rounds."""
        before = len(self.editor.edits)
        for _ in range(count):
            await self.job.round()
        return len(self.editor.edits) - before

    async def error(self) -> str | None:
        found = await self.store.edits.next(now=at(60 * 24 * 30))
        return None if found is None else str(found.attempts)


@pytest.fixture
async def desk(store: Store) -> Desk:
    made = await store.topics.create(guild_id=GUILD, name="news", channel_id=CHANNEL, backfill=1, now=START)
    assert made is not None
    for source in (1, 2):
        feed = await store.feeds.ensure(f"https://{source}.example/feed", now=START)
        await store.topics.subscribe(made.id, feed.id, added_by=None, now=START)
        await store.entries.apply(read_outcome(feed, new(source, published=at(source)), title=f"Source {source}"))
    (first, _), (second, _) = await store.deliveries.waiting(CHANNEL, limit=9)
    payload = MessagePayload((EmbedRenderer().embed(first),))
    await store.posts.plan(PostPlan(made.id, CHANNEL, GUILD, "n", payload, (first.id,)), now=START)
    await store.posts.posted(1, channel_id=CHANNEL, message_id=MESSAGE, now=START)
    job = Desk(store)
    await store.stories.settle([second.id], {second.id: first.id}, now=START, edit_within=timedelta(days=2))
    return job


async def test_an_edit_is_made_once(desk: Desk) -> None:
    assert await desk.rounds() == 1
    [(channel, message, payload)] = desk.editor.edits
    assert (channel, message) == (CHANNEL, MESSAGE)
    assert '"also in Source 2"' in payload.to_json()


async def test_what_is_shown_already_costs_no_request(desk: Desk) -> None:
    await desk.rounds()
    async with desk.store._database.write() as connection:
        await request_edit(connection, 1, now=START)
    assert await desk.rounds() == 0
    assert await desk.error() is None


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (SendResult(SendKind.UNKNOWN, reason="no answer"), 2),
        (SendResult(SendKind.NOT_SENT, reason="429", retry_after_seconds=1163.0), 1163),
        (SendResult(SendKind.NOT_SENT, code=30046, reason="old", retry_after_seconds=3.0), 1800),
        (SendResult(SendKind.REFUSED, code=30046, reason="old"), 1800),
        (SendResult(SendKind.NO_ACCESS, code=50013, reason="missing"), 60),
        (SendResult(SendKind.NO_ACCESS, code=50001, reason="missing"), 60),
        (SendResult(SendKind.UNAUTHORISED, reason="401"), 2),
    ],
    ids=["unknown", "429", "30046 as 429", "30046 as 400", "50013", "50001", "401"],
)
async def test_what_may_pass_is_tried_again_later_and_never_looked_up(
    desk: Desk, answer: SendResult, seconds: int
) -> None:
    desk.editor.will_answer(answer)
    assert await desk.rounds() == 1
    assert desk.stopped is (answer.kind is SendKind.UNAUTHORISED)
    desk.clock.advance(seconds - 1)
    assert await desk.rounds() == 0
    desk.clock.advance(1)
    assert await desk.rounds() == 1
    assert await desk.error() is None


@pytest.mark.parametrize(
    "answer",
    [
        SendResult(SendKind.REMOVED, code=10008, reason="a moderator deleted it"),
        SendResult(SendKind.REFUSED, code=50035, named=("embeds.0.title",), reason="form body"),
    ],
    ids=["10008", "50035"],
)
async def test_what_cannot_be_done_is_forgotten(desk: Desk, answer: SendResult) -> None:
    desk.editor.will_answer(answer)
    assert await desk.rounds() == 1
    assert await desk.error() is None


async def test_an_address_that_is_refused_in_an_edit_goes_and_the_rest_is_edited(desk: Desk) -> None:
    desk.editor.will_answer(SendResult(SendKind.REFUSED, code=50035, named=("embeds.0.url",), reason="form body"))
    assert await desk.rounds() == 2
    assert await desk.error() is None
    [(_, _, first), (_, _, second)] = desk.editor.edits
    urls = ["url" in payload.embeds[0] for payload in (first, second)]
    assert urls == [True, False]
    assert '"also in Source 2"' in second.to_json()


async def test_an_edit_that_fails_unforeseen_is_put_off_and_made_later(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_channel_id: int, _guild_id: int) -> None:
        raise AttributeError("'NoneType' object has no attribute 'id'")

    with monkeypatch.context() as patched:
        patched.setattr(desk.editor, "obstacle", broken)
        assert await desk.rounds() == 0
    assert await desk.rounds() == 0, "others have their turn first"
    desk.clock.advance(300)
    assert await desk.rounds() == 1


async def test_lost_access_costs_no_request_and_is_given_up_after_three_days(desk: Desk) -> None:
    desk.editor.blocked = SendResult(SendKind.NO_ACCESS, reason="the bot lacks View Channel in the channel")
    for _ in range(24 * 4):
        assert await desk.rounds(1) == 0
        desk.clock.advance(3600)
    desk.editor.blocked = None
    assert await desk.rounds() == 0
    assert await desk.error() is None


async def test_a_correction_that_was_made_counts_and_one_in_vain_does_not(desk: Desk) -> None:
    feed = await desk.store.feeds.ensure("https://1.example/feed", now=START)
    await desk.rounds()
    before = new(1, published=at(1)).entry
    assert isinstance(before, Entry)
    (known,), _ = await desk.store.entries.known(feed.id, [before.keys])
    for title in ("One", "Two", "Two ", "Three", "Four", "Five"):
        listed = MatchedEntry(replace(before, title=title), uid=known.uid, known_id=known.id, changed=True)
        await desk.store.entries.apply(read_outcome(feed, listed, now=desk.clock.now()))
        await desk.rounds()
    shown = [payload.embeds[0] for _, _, payload in desk.editor.edits]
    assert [embed["title"] for embed in shown] == ["Article 1", "One", "Two", "Three"]
    assert {embed["footer"]["text"] for embed in shown} == {"also in Source 2"}


async def test_nothing_leaves_while_discord_is_not_there_or_everything_rests(desk: Desk) -> None:
    desk.editor.is_ready = False
    assert await desk.rounds() == 0
    desk.editor.is_ready = True
    desk.traffic.asked_to_wait(desk.clock.monotonic(), 9.0)
    assert await desk.job.round() == 9.0
    assert desk.editor.edits == []
    desk.clock.advance(9.0)
    assert await desk.rounds() == 1


async def test_an_edit_is_in_the_servers_language(desk: Desk) -> None:
    async def german(_guild_id: int) -> str | None:
        return "de"

    desk.job._language = german
    await desk.rounds()
    [(_, _, payload)] = desk.editor.edits
    assert '"auch bei Source 2"' in payload.to_json()


async def test_an_edit_whose_channel_or_thread_is_gone_is_forgotten(desk: Desk) -> None:
    desk.editor.will_answer(SendResult(SendKind.NO_ACCESS, code=10003, hold=BlockReason.GONE))
    assert await desk.rounds() == 1
    assert await desk.error() is None
