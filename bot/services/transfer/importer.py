"""Importing lists of feeds: what a list asks for, how far an import is, what came of it.

A list is stored before anything of it is tried, and each of its feeds is settled in the transaction that follows it. So
an import goes on after a restart where it was, and nothing of it is done twice.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.addresses import MASK, Scrubber, unescaped
from bot.clock import Clock
from bot.errors import UserError
from bot.feeds.opml import opml, red_rss_cog
from bot.feeds.opml.opml import FeedList
from bot.i18n.translation import N_, _
from bot.model import FetchAddress, ImportReport, NewItem, Tally, Viewer
from bot.services.limits.rate_limit import DAY, RateLimit
from bot.services.topics.topics import MAX_NAME
from bot.store import Store

MASKED_PROBLEM = N_(
    "Its password or key was left out when the list was made. Put it into the address, or use /subscribe."
)
SEPARATOR = " / "
"""Between the folders of which a topic's name is made."""


@dataclass(frozen=True, slots=True)
class Begun:
    """An import that goes on now."""

    id: int
    total: int
    topics: tuple[str, ...]
    left_out: int
    """Feeds beyond what a list may hold."""


async def anybody(_topics: frozenset[str]) -> None:
    """For whoever runs the bot: they may import into every topic."""


class Importing:
    """What a person can do with lists. Every method raises `UserError` for what a person can put right.

    Args:
        on_begun: called when there is something to do.
    """

    def __init__(
        self, store: Store, clock: Clock, *, on_begun: Callable[[], None], sources_per_day: int | None = None
    ) -> None:
        """`sources_per_day` is how many addresses a server may import within a day; None sets no limit."""
        self._pace = RateLimit(sources_per_day, DAY, clock) if sources_per_day is not None else None
        self._store = store
        self._clock = clock
        self._on_begun = on_begun
        self._over: dict[int, asyncio.Event] = {}
        self._resting: dict[int, datetime] = {}
        """Imports that wait for another day, until when."""

    async def begin(
        self,
        *,
        guild_id: int,
        viewer: Viewer | None,
        channel_id: int,
        body: bytes,
        topic: str | None,
        folders: bool,
        added_by: int | None,
        allow: Callable[[frozenset[str]], Awaitable[None]],
        language: str | None = None,
    ) -> Begun:
        """Read and store a list. Its feeds are followed by the import loop.

        Args:
            viewer: what the person sees who gave the list; None for whoever runs the bot.
            channel_id: where topics that do not exist yet are made.
            topic: which one is to follow the feeds (with `folders`: those outside of folders); None is the list's title.
            folders: each folder becomes a topic.
            allow: asked before anything is stored, with the names of the topics; raises `UserError` where the person
                may not have them follow anything.

        Raises:
            UserError: it is no list, another import goes on, or a topic has a name that is taken by one which the person
                may not see.
        """
        listed = await asyncio.to_thread(read, body)
        items = plan(listed, topic=topic, folders=folders)
        if not items:
            raise UserError(_("That list names no feed. Export one from your feed reader as OPML and send that file."))
        hidden = await self._hidden(viewer) if viewer is not None else set()
        taken = next((name for item in items for name in item.topics if name.casefold() in hidden), None)
        if taken is not None:
            raise UserError(
                _("There is already a topic called “{name}”. Choose another name, or use that topic.").format(
                    name=taken
                )
            )
        await allow(frozenset(name for item in items for name in item.topics))
        await self._check_pace(guild_id, sum(1 for item in items if not item.problem))
        begun = await self._store.imports.begin(
            guild_id=guild_id,
            channel_id=channel_id,
            added_by=added_by,
            language=language,
            items=items,
            now=self._clock.now(),
        )
        if begun is None:
            raise UserError(
                _(
                    "Another import goes on in this server. Wait until it is over; "
                    "/import without a file shows how far it is."
                )
            )
        self._over[begun] = asyncio.Event()
        self._on_begun()
        names = tuple(dict.fromkeys(name for item in items for name in item.topics))
        return Begun(begun, len(items), names, listed.left_out)

    async def _check_pace(self, guild_id: int, count: int) -> None:
        """Each address costs somebody's host a request. An import that goes on refuses another one anyway."""
        if self._pace is not None and not await self._store.imports.goes_on(guild_id):
            self._pace.check(guild_id, _("That is more than this server may import within a day."), max(1, count))

    async def tally(self, import_id: int) -> Tally:
        """How far it is."""
        found = await self._store.imports.tally(import_id)
        if found is None:
            raise UserError(_("That import is no longer known."))
        return replace(found, goes_on_at=self._goes_on_at(import_id))

    async def wait(self, import_id: int, seconds: float) -> None:
        """Until it is over, but no longer than this."""
        over = self._over.get(import_id)
        if over is None:
            return
        ending = asyncio.ensure_future(over.wait())
        pause = asyncio.ensure_future(self._clock.sleep(seconds))
        try:
            await asyncio.wait({ending, pause}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in (ending, pause):
                each.cancel()
            await asyncio.gather(ending, pause, return_exceptions=True)

    def ended(self, import_id: int) -> None:
        """The import loop has nothing left to do of it."""
        self._resting.pop(import_id, None)
        over = self._over.pop(import_id, None)
        if over is not None:
            over.set()

    def rests(self, import_id: int, seconds: float) -> None:
        """The import loop leaves the rest of it for later."""
        self._resting[import_id] = self._clock.now() + timedelta(seconds=seconds)

    def _goes_on_at(self, import_id: int) -> datetime | None:
        until = self._resting.get(import_id)
        return until if until is not None and until > self._clock.now() else None

    async def last(self, viewer: Viewer) -> ImportReport:
        """What came of the guild's last import, so far, for who gave it and for who sees all topics that it names."""
        import_id = await self._store.imports.last(viewer.guild_id)
        report = await self.report(import_id) if import_id is not None else None
        if report is None or not await self._may_read(viewer, report):
            raise UserError(
                _("Nothing was imported here yet. Give /import the file that your feed reader exports as OPML.")
            )
        return report

    async def _may_read(self, viewer: Viewer, report: ImportReport) -> bool:
        if report.added_by == viewer.user_id:
            return True
        visible = await self._store.topics.all(viewer.guild_id, visible=viewer.topics)
        known = {each.topic.name.casefold() for each in visible}
        named = {*report.topics, *(name for item in report.failed for name in item.topics)}
        return all(name.casefold() in known for name in named)

    async def _hidden(self, viewer: Viewer) -> set[str]:
        """The names, in lower case, of the guild's topics that a person may not see."""
        found = await self._store.topics.all(viewer.guild_id)
        return {each.topic.name.casefold() for each in found if each.topic.id not in viewer.topics}

    async def report(self, import_id: int) -> ImportReport:
        """What came of an import, so far. Its addresses are safe to show."""
        found = await self._store.imports.report(import_id)
        if found is None:
            raise UserError(_("That import is no longer known."))
        return replace(found, tally=replace(found.tally, goes_on_at=self._goes_on_at(import_id)))

    async def told(self, import_id: int) -> None:
        """Who gave the list was told how it ended."""
        await self._store.imports.told(import_id)


def read(body: bytes) -> FeedList:
    """The feeds of a file, whichever kind of list it is. Takes about a second for 5 MB.

    Raises:
        UserError: it is none; says what to do.
    """
    return red_rss_cog.read(body) if red_rss_cog.looks_like_it(body) else opml.read(body)


def plan(listed: FeedList, *, topic: str | None, folders: bool) -> tuple[NewItem, ...]:
    """Which topics are to follow which of the feeds. Addresses that are none come last, with what is wrong."""
    rest = topic_name((topic or listed.title or "",)) or _("Imported")
    items = []
    for feed in listed.feeds:
        places = feed.folders if folders and feed.folders else ((),)
        names = dict.fromkeys(topic_name(place) or rest for place in places)
        problem = MASKED_PROBLEM if MASK in unescaped(feed.url) else None
        title = Scrubber(feed.url).text(feed.title) if feed.title else None
        items.append(NewItem(FetchAddress(feed.url), title, tuple(names), problem))
    problem = N_("That is no web address.")  # stored, so in English
    items += [NewItem(FetchAddress(each), None, (rest,), problem) for each in dict.fromkeys(listed.unusable)]
    return tuple(items)


def topic_name(folders: tuple[str, ...]) -> str:
    """A folder and those around it as a topic's name; cut at the front, since what is inside tells more."""
    name = SEPARATOR.join(" ".join(each.split()) for each in folders)
    if len(name) <= MAX_NAME:
        return name.strip()
    return "…" + name[-(MAX_NAME - 1) :].strip()
