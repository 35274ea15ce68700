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
    """Compares each waiting article once with what its topic told from other sources."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def told_once(self, waiting: Waiting) -> Waiting:
        """Those that are to be posted, each with the names of the other sources that told it too.

        What is the same story is skipped, and the message that tells it is to name the source.
        """
        asking, also = await self._store.stories.open_questions([delivery.id for delivery, _ in waiting])
        skipped: set[int] = set()
        for topic_id in {delivery.topic.id for delivery, _ in waiting}:
            of_topic = {delivery.id for delivery, _ in waiting if delivery.topic.id == topic_id}
            here = [story for story in asking if story.delivery_id in of_topic]
            if here:
                skipped |= await self._compare(topic_id, here)
        kept = [(delivery, alone) for delivery, alone in waiting if delivery.id not in skipped]
        if skipped:
            _, also = await self._store.stories.open_questions([delivery.id for delivery, _ in kept])
        return tuple((replace(delivery, also=also.get(delivery.id, ())), alone) for delivery, alone in kept)

    async def _compare(self, topic_id: int, asking: Sequence[Story]) -> set[int]:
        told = await self._store.stories.told(
            topic_id, asking, within=same_story.SAME_TEXT_WITHIN, link_within=same_story.SAME_LINK_WITHIN
        )
        candidates = {story.delivery_id: story for story in told}
        merged: dict[int, int] = {}
        for story in asking:
            same = await self._same(story, tuple(candidates.values()))
            if same is None:
                candidates[story.delivery_id] = story
            else:
                merged[story.delivery_id] = same.delivery_id
                candidates[same.delivery_id] = replace(same, sources=same.sources | {story.feed_id})
                log.info(
                    "told already by another source",
                    delivery=story.delivery_id,
                    told_by=same.delivery_id,
                    title=story.title,
                    told_as=same.title,
                )
        await self._store.stories.settle(
            [story.delivery_id for story in asking],
            merged,
            now=self._clock.now(),
            edit_within=same_story.NAMED_WITHIN,
        )
        return set(merged)

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
