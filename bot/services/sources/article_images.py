"""Pictures for new articles whose feed has none: from their pages, before they are stored, and never for long."""

import asyncio
from collections import Counter
from dataclasses import replace
from typing import Protocol

from bot import logs
from bot.addresses import Scrubber
from bot.feeds.images.channel_art import is_same_picture
from bot.feeds.images.page_image import FIRST_BYTES, page_image
from bot.model import ClaimedFeed, FeedOutcome, Fetched, FetchFailed, MatchedEntry
from bot.store import Store
from bot.store.intake.filter_verdicts import newest_first

log = logs.get(__name__)

DEADLINE_SECONDS = 10.0
"""For all pages of a poll together: so much later than without them an article is posted at most."""
MAX_PAGES = 5
"""Per poll; the newest articles have them."""


class Pages(Protocol):
    """Gets web pages, under the rules for all fetching."""

    async def page(
        self, url: str, *, deadline_seconds: float, urgent: bool = True, first_bytes: int | None = None
    ) -> Fetched | FetchFailed: ...


class ArticleImageFinder:
    """Looks on pages for pictures. Whatever happens there, the articles are posted, if need be without one."""

    def __init__(
        self, pages: Pages, store: Store, *, backfill: int, deadline_seconds: float = DEADLINE_SECONDS
    ) -> None:
        """`backfill` is how many articles of a feed that is read for the first time are posted."""
        self._pages = pages
        self._store = store
        self._backfill = backfill
        self._deadline_seconds = deadline_seconds

    async def illustrate(self, feed: ClaimedFeed, outcome: FeedOutcome) -> FeedOutcome:
        """The outcome with pictures for what is about to be posted. Nothing is stored here.

        Raises:
            StoreError: the store could not say which pictures the feed has had.
        """
        wanted = self._wanted(feed, outcome)
        if not wanted:
            return outcome
        found = await self._look(wanted)
        found = await self._without_stand_ins(feed, outcome, found)
        log.debug("pages asked for pictures", feed=feed.id, pages=len(wanted), pictures=len(found))
        # A page may name the address that it was asked for, and with it what is secret there.
        scrubber = Scrubber(feed.url.reveal())
        found = {uid: url for uid, picture in found.items() if (url := scrubber.link(picture)) is not None}
        if not found:
            return outcome
        return replace(
            outcome,
            listed=tuple(
                replace(item, entry=replace(item.parsed, image_url=found[item.uid])) if item.uid in found else item
                for item in outcome.listed
            ),
        )

    def _wanted(self, feed: ClaimedFeed, outcome: FeedOutcome) -> list[MatchedEntry]:
        posted = outcome.new if feed.has_entries else newest_first(outcome.new)[: self._backfill]
        lacking = [
            item
            for item in posted
            if item.skip_reason is None
            and item.parsed.image_url is None
            and item.parsed.link is not None
            # An episode has its show's picture, and most pages of episodes have no other.
            and not (item.parsed.enclosure and (item.parsed.enclosure.media_type or "").startswith("audio/"))
        ]
        return newest_first(lacking)[:MAX_PAGES]

    async def _look(self, wanted: list[MatchedEntry]) -> dict[str, str]:
        """Pictures by uid, as far as they came within the deadline."""
        tasks = {asyncio.create_task(self._picture(item.parsed.link or "")): item.uid for item in wanted}
        try:
            done, _ = await asyncio.wait(tasks, timeout=self._deadline_seconds)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        found: dict[str, str] = {}
        for task in done:
            if (error := task.exception()) is not None:
                log.error("looking for a picture failed in an unforeseen way", exc_info=error)
            elif (picture := task.result()) is not None:
                found[tasks[task]] = picture
        return found

    async def _picture(self, url: str) -> str | None:
        answer = await self._pages.page(
            url, deadline_seconds=self._deadline_seconds, urgent=False, first_bytes=FIRST_BYTES
        )
        # In a thread: pages that mean harm take milliseconds each.
        return await asyncio.to_thread(page_image, answer.body, answer.url) if isinstance(answer, Fetched) else None

    async def _without_stand_ins(
        self, feed: ClaimedFeed, outcome: FeedOutcome, found: dict[str, str]
    ) -> dict[str, str]:
        """Without what several articles of the feed share, which is the site's picture and not theirs."""
        if not found:
            return found
        counts = Counter(found.values())
        used = await self._store.entries.pictures_used(feed.id, set(counts))
        return {
            uid: url
            for uid, url in found.items()
            if counts[url] == 1 and url not in used and not is_same_picture(url, outcome.icon_url)
        }
