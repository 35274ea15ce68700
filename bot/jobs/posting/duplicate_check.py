"""One story once, while a channel's next message is planned: what another source told already is not told again."""

from collections.abc import Sequence
from dataclasses import replace

from bot import logs
from bot.clock import Clock
from bot.duplicates import same_story, text_similarity
from bot.model import Delivery, Story
from bot.store import Store

log = logs.get(__name__)

Waiting = tuple[tuple[Delivery, bool], ...]


class DuplicateChecker:
    """Compares each waiting article once with what the topics of its channel told from other sources."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def told_once(self, waiting: Waiting) -> Waiting:
        """Those that are to be posted, each with the names of the other sources that told it too.

        What is the same story is skipped, and the message that tells it is to name the source. What may be told first by
        another topic that waits too is left for its next turn.

        Args:
            waiting: of one channel, in the order in which they are posted.
        """
        waiting = once_each(waiting)
        asking, also = await self._store.stories.open_questions([delivery.id for delivery, _ in waiting])
        skipped: set[int] = set()
        later: set[int] = set()
        if asking:
            skipped, later = await self._compare(asking, waiting)
        kept = [(delivery, alone) for delivery, alone in waiting if delivery.id not in skipped | later]
        if skipped:
            _, also = await self._store.stories.open_questions([delivery.id for delivery, _ in kept])
        return tuple((replace(delivery, also=also.get(delivery.id, ())), alone) for delivery, alone in kept)

    async def _compare(self, asking: Sequence[Story], waiting: Waiting) -> tuple[set[int], set[int]]:
        """Settle what can be settled now. What was skipped, and what is left for its next turn."""
        told = await self._store.stories.told(
            asking[0].topic_id, asking, within=same_story.SAME_TEXT_WITHIN, link_within=same_story.SAME_LINK_WITHIN
        )
        apart = {delivery.topic.id for delivery, _ in waiting if delivery.topic.options.repeats}
        places = {delivery.id: place for place, (delivery, _) in enumerate(waiting)}
        candidates = {story.delivery_id: story for story in told}
        merged: dict[int, int] = {}
        again: set[int] = set()
        later: set[int] = set()
        for story in asking:
            others = [
                each
                for each in candidates.values()
                if each.topic_id == story.topic_id or not (each.apart or story.topic_id in apart)
            ]
            same = await self._same(story, others)
            if same is None:
                candidates[story.delivery_id] = story
            elif same.topic_id == story.topic_id or not same.waiting:
                merged[story.delivery_id] = same.delivery_id
                candidates[same.delivery_id] = replace(same, sources=same.sources | {story.feed_id})
                log.info(
                    "told already by another source",
                    delivery=story.delivery_id,
                    told_by=same.delivery_id,
                    title=story.title,
                    told_as=same.title,
                )
            elif places.get(same.delivery_id, len(places)) < places[story.delivery_id]:
                later.add(story.delivery_id)
            else:
                # This one comes first; the other topic's is compared once more when its turn has come.
                candidates[story.delivery_id] = story
                again.add(same.delivery_id)
                later.add(same.delivery_id)
        await self._store.stories.settle(
            [story.delivery_id for story in asking if story.delivery_id not in later],
            merged,
            again=again,
            now=self._clock.now(),
            edit_within=same_story.NAMED_WITHIN,
        )
        return set(merged), later

    async def _same(self, story: Story, told: Sequence[Story]) -> Story | None:
        suspects = same_story.suspects(story, told)
        if not suspects:
            return None
        in_full, titles = await self._store.stories.in_full((story, *suspects))
        judged = [
            replace(each, title_recurs=text_similarity.count_title(each.title, titles[each.feed_id]) > 1)
            for each in in_full
        ]
        found = same_story.match(judged[0], judged[1:])
        return next((each for each in suspects if found and each.delivery_id == found.delivery_id), None)


def once_each(waiting: Waiting) -> Waiting:
    """Of an article that several topics of a channel post now, the one of the topic that mentions a role, else the first.

    The others are skipped once that is planned. What stands apart is posted in any case.
    """
    chosen: dict[int, Delivery] = {}
    for delivery, _ in waiting:
        if delivery.topic.options.repeats:
            continue
        known = chosen.setdefault(delivery.article.entry_id, delivery)
        if known.topic.options.mention_role is None and delivery.topic.options.mention_role is not None:
            chosen[delivery.article.entry_id] = delivery
    return tuple(
        (delivery, alone)
        for delivery, alone in waiting
        if delivery.topic.options.repeats or chosen[delivery.article.entry_id].id == delivery.id
    )
