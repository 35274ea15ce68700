"""What topics were told of their sources under former addresses: it is not new to them."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import FeedOutcome, MatchedEntry
from bot.store.intake.pending_outcomes import Work
from bot.store.moves import former_feeds


class Told:
    """What topics were told under former addresses of their sources."""

    def __init__(
        self, views: Mapping[tuple[int, int], Mapping[int, MatchedEntry]], by_uid: set[tuple[int, int, str]]
    ) -> None:
        self._views = views
        self._by_uid = by_uid

    @property
    def alike(self) -> bool:
        """Whether the outcomes alone tell it, so that topics with the same former feeds were told the same."""
        return not self._by_uid

    @classmethod
    async def of(cls, connection: AsyncConnection, answered: Mapping[int, Work], followers: Iterable[Any]) -> "Told":
        """What cannot be told from the outcomes, since a feed moved here while they were made, is asked of the database."""
        views = {
            (feed_id, former.feed_id): {item.entry.position: item for item in former.listed}
            for feed_id, work in answered.items()
            for former in work.outcome.formers
        }
        unknown = {
            each.feed_id for each in followers if any((each.feed_id, former) not in views for former in each.formers)
        }
        new = {(feed_id, item.uid) for feed_id in unknown for item in answered[feed_id].all_new}
        return cls(views, await former_feeds.told_before(connection, new) if new else set())

    def still_new(self, follower: Any, outcome: FeedOutcome, new: Iterable[MatchedEntry]) -> list[MatchedEntry]:
        """Those of what is new that none of the follower's former feeds had, each skipped where one of them would."""
        found = []
        for item in new:
            seen = [
                view
                for former in follower.formers
                if (view := self._views.get((outcome.feed_id, former), {}).get(item.entry.position)) is not None
            ]
            if any(view.known_id is not None for view in seen) or any(
                (follower.topic_id, former, item.uid) in self._by_uid for former in follower.formers
            ):
                continue
            reasons = [view.skip_reason for view in seen if view.skip_reason]
            found.append(replace(item, skip_reason=reasons[0]) if reasons else item)
        return found
