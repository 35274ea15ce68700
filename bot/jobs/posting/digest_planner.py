"""Planning a digest: all that waits for it, in one or more messages that are stored together."""

import asyncio
import uuid

from bot import logs
from bot.clock import Clock
from bot.errors import RenderError
from bot.feeds.fairness.fair_semaphore import FairSemaphore
from bot.jobs.crash_test_hooks import Step
from bot.jobs.posting.duplicate_check import DuplicateChecker
from bot.messages import digest
from bot.model import ChannelLease, Delivery, Place, PostKind, PostPlan, Topic
from bot.store import Store

log = logs.get(__name__)

MOST = 150
"""Articles of a digest; what is more follows in another at once. Bodies may be large."""


class DigestPlanner:
    """Stores the messages of a digest before the first of them is sent."""

    def __init__(
        self, store: Store, storyteller: DuplicateChecker, clock: Clock, step: Step, drawing: FairSemaphore
    ) -> None:
        """`drawing` has one permit for each message that may be drawn at the same time."""
        self._store = store
        self._storyteller = storyteller
        self._clock = clock
        self._step = step
        self._drawing = drawing

    async def plan(self, work: ChannelLease, topic: Topic, place: Place) -> None:
        """Put what waits for the topic's digest into messages. Articles that were refused with others go alone."""
        now = self._clock.now()
        waiting = await self._store.deliveries.waiting(work.channel_id, limit=MOST, now=now, topic_id=topic.id)
        kept = await self._storyteller.told_once(waiting)
        async with self._drawing.permit():
            members = await self._rendered([delivery for delivery, alone in kept if not alone])
        if not members:
            return
        made = [
            PostPlan(
                topic_id=topic.id,
                channel_id=work.channel_id,
                guild_id=work.guild_id,
                nonce=uuid.uuid4().hex[:25],
                payload=part.payload,
                delivery_ids=part.delivery_ids,
                kind=PostKind.DIGEST,
            )
            for part in digest.parts(members, place, now=now)
        ]
        if await self._store.posts.plan(*made, now=now):
            self._step("planned")
            log.info(
                "digest planned",
                topic=topic.id,
                guild=work.guild_id,
                channel=work.channel_id,
                articles=len(members),
                messages=len(made),
            )

    async def _rendered(self, deliveries: list[Delivery]) -> list[digest.Rendered]:
        members = []
        for delivery in deliveries:
            await asyncio.sleep(0)  # 150 long articles take most of a second, and others are to be served meanwhile
            try:
                members.append(digest.rendered(delivery))
            except RenderError as error:
                log.exception("an article cannot be shown", delivery=delivery.id, entry=delivery.article.entry_id)
                await self._store.deliveries.fail([delivery.id], str(error))
        return members
