"""The loop for what single persons follow: matches new articles, and plans private messages, which `jobs.posting.delivery_loop` sends."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import lru_cache
from typing import Protocol

from bot import logs
from bot.clock import Clock
from bot.errors import FilterError, RenderError
from bot.filters.matching import Prepared, parse
from bot.i18n.translation import speaking
from bot.jobs.crash_test_hooks import Step
from bot.jobs.discord_health import DiscordHealth
from bot.jobs.posting.planner import new_nonce
from bot.jobs.posting.reader_check import ReaderCheck
from bot.jobs.tenant_isolation import PUT_OFF_SECONDS, goes_well
from bot.messages import private_message
from bot.model import (
    STANDARD_HOUR,
    STANDARD_ZONE,
    BlockReason,
    Follow,
    FollowKind,
    Match,
    NewArticle,
    Person,
    PersonalDelivery,
    PersonalPlan,
    SendKind,
    SendResult,
    Viewer,
)
from bot.posting.pacing.backoff import TOO_FAST, delay_seconds, probe_seconds
from bot.posting.pacing.circuit_breaker import CircuitBreaker
from bot.schedules.personal_digest_time import next_digest
from bot.store import Store

log = logs.get(__name__)

IDLE_SECONDS = 2.0
PEOPLE_AT_ONCE = 20
FOLLOWS_AT_ONCE = 100
"""That are tried before others get their turn: words cost some 20 to 100 µs each."""
ARTICLES_A_MESSAGE = 10
BACKLOG = 30
"""With more articles than this waiting for one person at once, they come as a list."""
LISTED = 60
"""Of how many articles a digest is made; fewer fit into a message."""
TOO_OLD = timedelta(days=7)
"""What waited for so long, since private messages did not arrive, is dropped into a line that counts."""
KEPT = timedelta(days=30)
TIDY_SECONDS = 3600.0


class Doors(Protocol):
    """Where persons can be reached, see `posting.discord.reachable_channels`."""

    async def open(self, user_id: int) -> int | SendResult:
        """The private channel with somebody, or why there is none."""
        ...


class Sender(Protocol):
    """Knows whether Discord can be reached."""

    def ready(self) -> bool: ...


class PrivateMessageJob:
    """One round: the next articles behind the cursor, then a message for each person who is due.

    Args:
        on_queued: called when messages are planned.
    """

    def __init__(
        self,
        store: Store,
        sender: Sender,
        doors: Doors,
        rights: ReaderCheck,
        traffic: CircuitBreaker,
        hearing: DiscordHealth,
        clock: Clock,
        *,
        on_queued: Callable[[], None],
        step: Step,
    ) -> None:
        self._store = store
        self._sender = sender
        self._doors = doors
        self._rights = rights
        self._traffic = traffic
        self._hearing = hearing
        self._clock = clock
        self._on_queued = on_queued
        self._step = step
        self._tidied_at: float | None = None
        self._doors_rest_until = 0.0
        """No private chat is opened before: Discord said that they are opened too fast."""

    async def round(self) -> float:
        """Seconds until the next look."""
        await self._tidy()
        more = await self._match()
        planned = 0
        if self._sender.ready() and not self._must_wait():
            # As long as it is not known that Discord answers, one request is a trial.
            limit = 1 if self._traffic.in_doubt else PEOPLE_AT_ONCE
            for person in await self._store.personal.due(now=self._clock.now(), limit=limit):
                if not self._must_wait():
                    planned += await self._serve_alone(person)
        if planned:
            self._on_queued()
        return 0.0 if more else IDLE_SECONDS

    def _must_wait(self) -> bool:
        return self._traffic.wait_seconds(self._clock.monotonic()) > 0

    # --- matching ---------------------------------------------------------------------------------

    async def _match(self) -> bool:
        """Whether there was something new. A crash before `take` leaves the cursor, and with it nothing undone."""
        cursor, articles, follows = await self._store.matching.new()
        if cursor.to == cursor.at:
            return False
        matches: list[Match] = []
        for article in articles:
            prepared, decided = Prepared(article.article), dict[str, bool]()
            for start in range(0, len(follows), FOLLOWS_AT_ONCE):
                part = follows[start : start + FOLLOWS_AT_ONCE]
                matches += matching(article, part, prepared, decided)
                await self._clock.sleep(0)  # many people's words shall not hold up the loop
        if await self._store.matching.take(matches, cursor, now=self._clock.now()):
            self._step("matched")
            if matches:
                log.info("articles for persons", matches=len(matches), articles=len(articles))
        return True

    # --- planning ---------------------------------------------------------------------------------

    async def _serve_alone(self, person: Person) -> bool:
        """As `_serve`; what fails unforeseen for one person is put off, and the others are served."""
        planned = False

        async def serve() -> None:
            nonlocal planned
            planned = await self._serve(person)

        if not await goes_well(serve(), "what a person follows", person=person.user_id):
            await self._store.personal.later(person.user_id, self._clock.now() + timedelta(seconds=PUT_OFF_SECONDS))
        return planned

    async def _serve(self, person: Person) -> bool:
        """Plan one message for a person. False: nothing is to be sent now, or it cannot be."""
        told = await self._readable_only(person)
        if told is not False:
            return bool(told)
        now = self._clock.now()
        hour = STANDARD_HOUR if person.hour is None else person.hour
        zone = person.zone or STANDARD_ZONE
        soon, soon_ids = await self._store.personal.waiting(person.user_id, at_once=True, limit=ARTICLES_A_MESSAGE)
        in_digest = not soon and person.digest_at is not None and person.digest_at <= now
        listing = in_digest or (len(soon_ids) > BACKLOG and not soon[0].alone)
        if not soon and not in_digest:
            await self._store.personal.rest(person.user_id, digest_at=next_digest(hour, zone, now))
            return False
        if person.channel_id is None and (rest := self._doors_rest_until - self._clock.monotonic()) > 0:
            await self._store.personal.later(person.user_id, now + timedelta(seconds=rest))
            return False
        channel = person.channel_id or await self._open(person)
        if channel is None:
            return False
        with speaking(person.locale):
            if listing:
                plan = await self._list(person, channel, zone, at_once=not in_digest)
            else:
                plan = await self._show(person, channel, soon)
        if plan is None or not await self._store.personal.plan(plan, now=now):
            if in_digest:
                await self._store.personal.rest(person.user_id, digest_at=next_digest(hour, zone, now))
            return False
        self._step("personal-planned")
        return True

    async def _show(self, person: Person, channel: int, waiting: Sequence[PersonalDelivery]) -> PersonalPlan | None:
        """A message of articles; what cannot be shown fails alone."""
        together = waiting[:1] if waiting[0].alone else [each for each in waiting if not each.alone]
        members, embeds = [], []
        for each in together:
            try:
                embeds.append(private_message.embed(each))
                members.append(each.id)
            except RenderError as error:
                log.exception("an article cannot be shown", entry=each.article.entry_id)
                await self._store.personal.fail(each.id, str(error))
        if not members:
            return None
        count = max(1, private_message.fit(embeds))
        payload = private_message.at_once(embeds[:count], dropped=person.dropped)
        return PersonalPlan(person.user_id, channel, new_nonce(), payload, tuple(members[:count]), person.dropped)

    async def _list(self, person: Person, channel: int, zone: str, *, at_once: bool) -> PersonalPlan | None:
        newest, ids = await self._store.personal.waiting(person.user_id, at_once=at_once, limit=LISTED, newest=True)
        if not newest:
            return None
        nonce = new_nonce()
        payload = private_message.digest(
            newest,
            total=len(ids),
            dropped=person.dropped,
            moment=self._clock.now(),
            zone=zone,
            number=nonce[:6],
            backlog=at_once,
        )
        return PersonalPlan(person.user_id, channel, nonce, payload, ids, person.dropped, digest=not at_once)

    async def _open(self, person: Person) -> int | None:
        found = await self._doors.open(person.user_id)
        await self._hearing.heard(person.user_id, SendResult(SendKind.POSTED) if isinstance(found, int) else found)
        if isinstance(found, int):
            await self._store.personal.opened(person.user_id, found)
            return found
        closed = found.kind in {SendKind.NO_ACCESS, SendKind.REFUSED}
        wait = probe_seconds(1, BlockReason.CLOSED) if closed else delay_seconds(5)
        wait = int(max(wait, found.retry_after_seconds or 0.0))
        if found.code == TOO_FAST:
            self._doors_rest_until = self._clock.monotonic() + wait
        await self._store.personal.later(person.user_id, self._clock.now() + timedelta(seconds=wait))
        log.info("no private channel can be opened", reason=found.reason, again_in_seconds=wait)
        return None

    async def _readable_only(self, person: Person) -> bool | None:
        """End what may not be read any more, and drop what waits of it. True: a message that says so is planned.

        None while nobody can tell what the person may read: then nothing is sent.
        """
        now = self._clock.now()
        found = await self._rights.of(person.user_id)
        if found is None:
            await self._store.personal.later(person.user_id, now + timedelta(seconds=delay_seconds(5)))
            return None
        for viewer, is_there in found:
            ended = await self._store.readable.hidden_follows(viewer) if is_there else ()
            notice = await self._goodbye(person, viewer, ended) if ended else None
            await self._store.readable.withhold(viewer, ended, notice, now=now)
            if notice is not None:
                log.info("follows ended that may not be read any more", guild=viewer.guild_id, follows=len(ended))
                return True
        return False

    async def _goodbye(self, person: Person, viewer: Viewer, ended: Sequence[Follow]) -> PersonalPlan | None:
        channel = person.channel_id or await self._open(person)
        if channel is None:
            return None
        nonce = new_nonce()
        with speaking(person.locale):
            payload = private_message.ended(viewer, ended, number=nonce[:6])
        return PersonalPlan(person.user_id, channel, nonce, payload, (), 0)

    # --- the hourly part --------------------------------------------------------------------------

    async def _tidy(self) -> None:
        if self._tidied_at is not None and self._clock.monotonic() - self._tidied_at < TIDY_SECONDS:
            return
        now = self._clock.now()
        dropped = await self._store.personal.drop(before=now - TOO_OLD)
        forgotten = await self._store.personal.prune(before=now - KEPT)
        self._tidied_at = self._clock.monotonic()
        if dropped or forgotten:
            log.info("articles of persons tidied", too_old=dropped, forgotten=forgotten)


def matching(new: NewArticle, follows: Sequence[Follow], prepared: Prepared, decided: dict[str, bool]) -> list[Match]:
    """Those of the follows, of one guild or of several, that an article matches. Equal words are tried once.

    Args:
        prepared: the article, for words.
        decided: the words that were tried, with what came of it; more are added.
    """
    found = []
    for each in follows:
        if each.guild_id != new.guild_id:
            continue
        if each.kind is FollowKind.SOURCE:
            fits = each.feed_id == new.article.feed_id
        elif each.kind is FollowKind.TOPIC:
            fits = each.topic_id == new.topic_id and new.in_topic
        else:
            if each.name not in decided:
                decided[each.name] = _fits(each.name, prepared)
            fits = decided[each.name]
        if fits:
            found.append(Match(each, new))
    return found


def _fits(words: str, article: Prepared) -> bool:
    """Words were checked before they were stored; those of another version that cannot be read match nothing."""
    try:
        return _compiled(words).decide(article).wanted
    except FilterError:
        return False


_compiled = lru_cache(4096)(parse)
"""Everybody's words come up at each article: with room for fewer than there are, each would be read anew each time."""
