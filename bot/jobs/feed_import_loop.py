"""The loop that works off imported lists: many hosts at once, each in turn, all lists side by side."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Protocol

from bot import logs
from bot.clock import Clock
from bot.i18n.translation import _, speaking
from bot.model import ImportItem, ImportReport
from bot.services.transfer import import_report
from bot.services.transfer.import_checks import Checking
from bot.services.transfer.importer import Importing
from bot.store import Store
from bot.url_normalisation import host_name

log = logs.get(__name__)

AT_ONCE = 24
"""Hosts that are asked at the same time. More would leave the polls too little of the parsers."""
IDLE_SECONDS = 60.0
FILE = "not-followed.txt"
UNTOLD_AFTER = timedelta(minutes=1)
"""Whoever watches an import tells of its end at once; after this nobody does."""


class DirectMessenger(Protocol):
    """Writes private messages, see `posting.discord.direct_message`."""

    async def tell(self, person: int, text: str, file: tuple[str, bytes] | None) -> bool: ...


class Queue:
    """What is to be looked at, by host: the next one is of a host that is not being asked, lists taking turns."""

    def __init__(self) -> None:
        self._lists: dict[int, dict[str, deque[ImportItem]]] = {}
        self._known: set[int] = set()
        self.busy: set[str] = set()

    def add(self, items: Iterable[ImportItem]) -> None:
        """Those that are here already, or were taken, are passed over."""
        for item in items:
            if item.id not in self._known:
                self._known.add(item.id)
                hosts = self._lists.setdefault(item.import_id, {})
                hosts.setdefault(host_name(item.url.reveal()), deque()).append(item)

    def take(self) -> tuple[str, ImportItem] | None:
        """The next item with its host, which is busy until `done`; None if there is none just now."""
        for import_id, hosts in self._lists.items():
            for host, items in hosts.items():
                if host not in self.busy:
                    return self._taken(import_id, host, items)
        return None

    def _taken(self, import_id: int, host: str, items: deque[ImportItem]) -> tuple[str, ImportItem]:
        item = items.popleft()
        hosts = self._lists.pop(import_id)
        del hosts[host]
        if items:
            hosts[host] = items  # behind the list's other hosts
        if hosts:
            self._lists[import_id] = hosts  # behind the other lists
        self.busy.add(host)
        return host, item

    def drop(self, guild_id: int) -> None:
        """Leave the lists of a server to another round."""
        for import_id, hosts in tuple(self._lists.items()):
            items = [item for queued in hosts.values() for item in queued]
            if any(item.guild_id == guild_id for item in items):
                del self._lists[import_id]
                self._known.difference_update(item.id for item in items)

    def done(self, host: str, item: ImportItem) -> None:
        """The item was settled, or stays open in the store for another round."""
        self.busy.discard(host)
        self._known.discard(item.id)


class FeedImportJob:
    """One round works until no list has anything left.

    Args:
        on_change: called when feeds are followed that the poll loop does not know of.
    """

    def __init__(
        self,
        store: Store,
        checking: Checking,
        importing: Importing,
        clock: Clock,
        *,
        teller: DirectMessenger | None = None,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._checking = checking
        self._importing = importing
        self._clock = clock
        self._teller = teller
        self._on_change = on_change
        self._more = asyncio.Event()
        self._resting: dict[int, float] = {}
        """Servers whose lists wait for another day, until when."""

    def wake(self) -> None:
        """A list was added: also a round that is under way takes it on."""
        self._more.set()

    async def round(self) -> float:
        """Seconds until the next look. Cancelling leaves what is under way open in the store.

        Raises:
            StoreError: what was under way stays open.
        """
        queue = Queue()
        running: dict[asyncio.Task[float], tuple[str, ImportItem]] = {}
        try:
            await self._work(queue, running)
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
        await self._tell()
        return IDLE_SECONDS

    async def _work(self, queue: Queue, running: dict[asyncio.Task[float], tuple[str, ImportItem]]) -> None:
        self._more.set()
        while True:
            if self._more.is_set():
                self._more.clear()
                now = self._clock.monotonic()
                self._resting = {guild: until for guild, until in self._resting.items() if until > now}
                items = await self._store.imports.open_items()
                queue.add(item for item in items if item.guild_id not in self._resting)
            while len(running) < AT_ONCE and (taken := queue.take()) is not None:
                running[asyncio.create_task(self._checking.check(taken[1]))] = taken
            if not running and not self._more.is_set():
                await self._finish()
                return
            await self._next(queue, running)

    async def _next(self, queue: Queue, running: dict[asyncio.Task[float], tuple[str, ImportItem]]) -> None:
        """Until something is settled, or there is more to do."""
        more = asyncio.create_task(self._more.wait())
        try:
            await asyncio.wait({more, *running}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            more.cancel()
            await asyncio.gather(more, return_exceptions=True)
        for task in [task for task in running if task.done()]:
            host, item = running.pop(task)
            queue.done(host, item)
            if (wait := task.result()) > 0:
                self._rest(queue, item, wait)
            if not any(each.import_id == item.import_id for _host, each in running.values()):
                await self._finish()

    def _rest(self, queue: Queue, item: ImportItem, seconds: float) -> None:
        queue.drop(item.guild_id)
        if item.guild_id not in self._resting:
            log.info("a list of feeds waits for another day", guild=item.guild_id, seconds=round(seconds))
        self._resting[item.guild_id] = self._clock.monotonic() + seconds
        self._importing.rests(item.import_id, seconds)

    async def _finish(self) -> None:
        for import_id in await self._store.imports.finish(now=self._clock.now()):
            log.info("a list of feeds was imported", number=import_id)
            self._importing.ended(import_id)
            self._on_change()

    async def _tell(self) -> None:
        """Who gave a list and does not watch any more, as after a restart, is told privately."""
        if self._teller is None:
            return
        for import_id in await self._store.imports.untold(before=self._clock.now() - UNTOLD_AFTER):
            report = await self._importing.report(import_id)
            if report.added_by is None or await self._teller.tell(report.added_by, *_private(report)):
                await self._store.imports.told(import_id)


def _private(report: ImportReport) -> tuple[str, tuple[str, bytes] | None]:
    with speaking(report.language):
        begun = _("The list of feeds that you imported was worked off.")
        text = f"{begun}\n{import_report.summary(report, report.topics)}"
        if report.failed and import_report.fits(report):
            text += "\n" + "\n".join(import_report.failure(each) for each in report.failed)
            return text, None
        return text, (FILE, import_report.failures_file(report)) if report.failed else None
