"""Planning: which articles share the next message of a channel, in which form, under which nonce."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from typing import Protocol

from bot import logs
from bot.clock import Clock
from bot.errors import RenderError
from bot.feeds.fairness.fair_semaphore import FairSemaphore
from bot.i18n.translation import speaking
from bot.jobs.crash_test_hooks import Step
from bot.jobs.posting.digest_planner import DigestPlanner
from bot.jobs.posting.duplicate_check import DuplicateChecker
from bot.messages import payload as forms
from bot.messages import save_buttons
from bot.model import ChannelLease, Delivery, DigestSchedule, Embed, MessagePayload, Place, PostPlan
from bot.store import Store

log = logs.get(__name__)

BACKLOG = 5
"""With more articles than this waiting, several share a message; else each has its own."""
MAX_WAITING = 25


class Renderer(Protocol):
    """From an article to an embed and its size; raises `RenderError`."""

    def embed(self, delivery: Delivery) -> Embed: ...

    def fit(self, embeds: list[Embed]) -> int: ...


Survey = Callable[[int, int], Place]
"""What kind of channel it is that is written to: its id and its guild's."""


Language = Callable[[int], Awaitable[str | None]]
"""Which language is spoken in a guild's channels; may raise `StoreError`."""


def new_nonce() -> str:
    """Unique, and within Discord's 25 characters."""
    return uuid.uuid4().hex[:25]


class Planner:
    """Stores messages before they are sent."""

    def __init__(
        self,
        store: Store,
        renderer: Renderer,
        clock: Clock,
        step: Step,
        survey: Survey,
        language: Language,
        *,
        save_row: bool,
    ) -> None:
        self._store = store
        self._renderer = renderer
        self._clock = clock
        self._step = step
        self._survey = survey
        self._language = language
        self._save_row = save_row
        self._storyteller = DuplicateChecker(store, clock)
        # One message is drawn at a time, and servers take turns: what one of them has to send would else keep the event
        # loop busy between any two steps of another's.
        self._drawing = FairSemaphore(1)
        self._digests = DigestPlanner(store, self._storyteller, clock, step, self._drawing)

    async def plan(self, work: ChannelLease) -> bool:
        """Decide the members, nonce and body of the channel's next message, and store them. False: nothing waits."""
        with speaking(await self._language(work.guild_id)):
            return await self._plan(work)

    async def _plan(self, work: ChannelLease) -> bool:
        waiting = await self._store.deliveries.waiting(work.channel_id, limit=MAX_WAITING, now=self._clock.now())
        if not waiting:
            return False
        waiting = await self._storyteller.told_once(waiting)
        if not waiting:
            return True
        first, alone = waiting[0]
        place = self._survey(work.channel_id, work.guild_id)
        if first.topic.options.digest is not DigestSchedule.AT_ONCE and not alone:
            await self._digests.plan(work, first.topic, place)
            return True
        together = [first]
        # What quiet hours held comes in as few messages as it fits into.
        if not alone and (first.held or len(waiting) > BACKLOG):
            of_topic = [delivery for delivery, single in waiting if delivery.topic.id == first.topic.id and not single]
            together = forms.together(of_topic, place)
        members, embeds = await self._rendered(together)
        if not members:
            return True
        count = max(1, self._renderer.fit(embeds))
        payload = forms.shaped(MessagePayload(tuple(embeds[:count])), members[0], place)
        plan = PostPlan(
            topic_id=first.topic.id,
            channel_id=work.channel_id,
            guild_id=work.guild_id,
            nonce=new_nonce(),
            payload=save_buttons.with_row(payload, members[:count]) if self._save_row else payload,
            delivery_ids=tuple(delivery.id for delivery in members[:count]),
        )
        if await self._store.posts.plan(plan, now=self._clock.now()):
            self._step("planned")
        return True

    async def _rendered(self, deliveries: list[Delivery]) -> tuple[list[Delivery], list[Embed]]:
        """As many as one message holds, and at most one more."""
        async with self._drawing.permit():
            return await self._drawn(deliveries)

    async def _drawn(self, deliveries: list[Delivery]) -> tuple[list[Delivery], list[Embed]]:
        members: list[Delivery] = []
        embeds: list[Embed] = []
        for delivery in deliveries:
            if members:
                await asyncio.sleep(0)  # 25 long articles take a tenth of a second
            try:
                embeds.append(self._renderer.embed(delivery))
                members.append(delivery)
                if self._renderer.fit(embeds) < len(embeds):
                    break  # this one begins the next message
            except RenderError as error:
                log.exception(
                    "an article cannot be shown",
                    delivery=delivery.id,
                    entry=delivery.article.entry_id,
                    feed=delivery.article.feed_id,
                    guild=delivery.topic.guild_id,
                    channel=delivery.topic.channel_id,
                )
                await self._store.deliveries.fail([delivery.id], str(error))
        return members, embeds
