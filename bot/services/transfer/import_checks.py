"""One feed of an imported list: looked at, and followed if it is one. Each ends in exactly one stored state."""

import asyncio
from collections.abc import Iterable
from typing import Protocol

from bot import logs
from bot.clock import Clock
from bot.config.settings import LimitsSettings
from bot.errors import FeedError, NoRoom, StoreError, UserError
from bot.feeds.fairness.tenants import working_for
from bot.feeds.http import connection_errors
from bot.feeds.incremental import new_entries
from bot.feeds.incremental.new_entries import Parser
from bot.i18n.translation import _
from bot.model import (
    FORGOTTEN,
    ClaimedFeed,
    FailureKind,
    FetchAddress,
    Fetched,
    FetchFailed,
    ImportItem,
    ItemState,
    Need,
)
from bot.services.limits.daily_host_allowance import HostAllowance
from bot.services.sources.ingest import READ_IN_FULL, Ingest
from bot.services.sources.subscriptions import key_of, no_storage_left, no_subscriptions_left
from bot.store import Store
from bot.url_normalisation import host_name

log = logs.get(__name__)

ASK_AGAIN_SECONDS = 30.0
"""While Discord does not say what a person may do."""
DEADLINE_SECONDS = 60.0
"""For all hops and for waiting, behind the host's polls, for a turn; the hosts have 20 s of it to answer."""


class Documents(Protocol):
    """Fetches documents, see `feeds.fetch.Fetcher.page`."""

    async def page(self, url: str, *, deadline_seconds: float, urgent: bool) -> Fetched | FetchFailed: ...


class Permits(Protocol):
    """Knows what a person may do in a channel, see `permissions.authority`."""

    async def may(self, guild_id: int, user_id: int, channel_id: int, need: Need) -> bool | None:
        """None where nobody can tell now."""
        ...


class _RestError(Exception):
    """The server had as many hosts asked as it may within a day."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class Checking:
    """Follows what a list names, one feed at a time; several may run at once."""

    def __init__(
        self,
        store: Store,
        documents: Documents,
        parser: Parser,
        intake: Ingest,
        limits: LimitsSettings,
        clock: Clock,
        permits: Permits,
        *,
        hosts_per_day: int | None,
    ) -> None:
        """`hosts_per_day` is how many different hosts may be asked for a server within a day; None sets no limit."""
        self._permits = permits
        self._allowance = HostAllowance(hosts_per_day, clock)
        self._store = store
        self._documents = documents
        self._parser = parser
        self._intake = intake
        self._limits = limits
        self._clock = clock
        self._making = asyncio.Lock()

    async def check(self, item: ImportItem) -> float:
        """Settle the item: followed, followed already, or failed with a reason that can be shown.

        Cancelling leaves it open, or followed with its first poll still to come.

        Returns:
            0; or after how many seconds its server may have another host asked. It stays open then.

        Raises:
            StoreError: it stays open.
        """
        try:
            with working_for(item.guild_id):
                await self._check(item)
        except _RestError as rest:
            return rest.seconds
        except (UserError, FeedError) as error:
            await self._store.imports.settle(item.id, ItemState.FAILED, str(error))
        except StoreError:
            raise
        except Exception:
            log.exception("a feed of a list could not be looked at", item=item.id)
            problem = _("Something went wrong on my side. Please try this one with /subscribe.")
            await self._store.imports.settle(item.id, ItemState.FAILED, problem)
        return 0.0

    async def _check(self, item: ImportItem) -> None:
        await self._giver(item)
        known = await self._known(item)
        if known.has(item.url, item.topics):
            await self._store.imports.settle(item.id, ItemState.ALREADY)
            return
        await self._check_room(item, known)
        if await self._store.amounts.is_over(item.guild_id, now=self._clock.now()):
            raise no_storage_left()
        if await self._store.imports.is_well(item.url, now=self._clock.now()):
            await self._follow(item, known.address(item.url), looked_at=False)
            return
        if (wait := self._allowance.take(item.guild_id, host_name(item.url.reveal()))) > 0:
            raise _RestError(wait)
        answer = await self._documents.page(item.url.reveal(), deadline_seconds=DEADLINE_SECONDS, urgent=False)
        if isinstance(answer, FetchFailed):
            if answer.kind is not FailureKind.THROTTLED:
                log.info("a feed of a list could not be read", host=item.url.site, reason=answer.kind.value)
                raise FeedError(connection_errors.in_bulk(answer.kind, answer.message))
            # The host is there and wants to be left alone: its turn comes with the polls, as patiently as theirs.
            await self._follow(item, known.address(item.url), looked_at=False, note=answer.message)
            return
        listing = await new_entries.read_first(self._parser, answer, newest=READ_IN_FULL, posted=1)
        url = answer.moved_to or item.url
        if url != item.url:
            known = await self._known(item)
        if known.has(url, item.topics):
            await self._store.imports.settle(item.id, ItemState.ALREADY)
            return
        feed = await self._follow(item, known.address(url), looked_at=True)
        if not feed.has_entries:
            await self._intake.take_in(feed, answer, listing.parsed, illustrated=False)

    async def _known(self, item: ImportItem) -> "_Known":
        return _Known(await self._store.imports.followed(item.guild_id))

    async def _follow(
        self, item: ImportItem, url: FetchAddress, *, looked_at: bool, note: str | None = None
    ) -> ClaimedFeed:
        topic_ids = [await self._topic(item, name) for name in item.topics]
        try:
            return await self._store.imports.follow(
                item,
                url,
                topic_ids,
                limit=self._limits.sources_per_guild,
                subscription_limit=self._limits.subscriptions_per_guild,
                looked_at=looked_at,
                note=note,
                now=self._clock.now(),
            )
        except NoRoom as error:
            raise (self._full() if error.what == "sources" else no_subscriptions_left(error.count)) from error

    async def _check_room(self, item: ImportItem, known: "_Known") -> None:
        """Before the feed's host is asked for nothing. The last word has the transaction that follows it."""
        limit = self._limits.sources_per_guild
        if len(known.addresses) < limit or key_of(item.url) in known.topics:
            return
        _made, sources = await self._store.topics.counts(item.guild_id)
        if sources >= limit:
            raise self._full()

    def _full(self) -> UserError:
        return UserError(
            _("This server follows {limit} sources, which is the limit. Remove some with /unsubscribe.").format(
                limit=self._limits.sources_per_guild
            )
        )

    async def _known_address(self, guild_id: int, url: FetchAddress) -> FetchAddress:
        """The address under which the guild follows this feed already, else the given one."""
        key = key_of(url)
        known = await self._store.imports.followed(guild_id)
        return next((other for other, _topic in known if key_of(other) == key), url)

    async def _topic(self, item: ImportItem, name: str) -> int:
        """The topic of this name; made now if there is none, so that a folder of dead feeds makes none."""
        async with self._making:
            topic = await self._store.topics.get(item.guild_id, name)
            if topic is not None:
                await self._ask(item, topic.channel_id, Need.POST, name)
                return topic.id
            giver = await self._ask(item, item.channel_id, Need.MANAGE, name)
            try:
                topic = await self._store.topics.create(
                    guild_id=item.guild_id,
                    name=name,
                    channel_id=item.channel_id,
                    created_by=giver,
                    limit=self._limits.topics_per_guild,
                    now=self._clock.now(),
                )
            except NoRoom as error:
                raise UserError(
                    _(
                        "This server has {limit} topics, which is the limit: no room for “{name}”. "
                        "Delete one with /topic delete, or import without folders."
                    ).format(limit=error.count, name=name)
                ) from error
            # Somebody made it by command in this very moment.
            topic = topic or await self._store.topics.get(item.guild_id, name)
            assert topic is not None, "it is taken, so it is there"
            await self._ask(item, topic.channel_id, Need.POST, name)
            return topic.id

    async def _giver(self, item: ImportItem) -> int | None:
        """Who gave the list; None for whoever runs the bot, on the command line.

        Raises:
            UserError: they asked to be forgotten meanwhile, so that nobody's rights can be checked.
        """
        giver = await self._store.imports.giver(item.import_id)
        if giver == FORGOTTEN:
            raise UserError(_("Who gave this list asked to be forgotten, so the rest of it is not followed."))
        return giver

    async def _ask(self, item: ImportItem, channel_id: int, need: Need, name: str) -> int | None:
        """Whether who gave the list may still do that. It was asked when the list came, which may be an hour ago.

        Returns:
            Who that is, see `_giver`.

        Raises:
            UserError: they may not; it says nothing of a channel that they may not see.
        """
        while (giver := await self._giver(item)) is not None:
            may = await self._permits.may(item.guild_id, giver, channel_id, need)
            if may is None:
                await self._clock.sleep(ASK_AGAIN_SECONDS)
            elif await self._giver(item) == giver:  # and not forgotten while Discord was asked
                break
        else:
            return None
        if not may:
            raise UserError(
                _("You may not have “{name}” follow this: its channel or your rights are others than before.").format(
                    name=name
                )
            )
        return giver


class _Known:
    """What a guild follows, in a form in which one feed's addresses are equal; credentials count."""

    def __init__(self, followed: Iterable[tuple[FetchAddress, str]]) -> None:
        self.topics: dict[tuple[str, tuple[str, str] | None], set[str]] = {}
        self.addresses: dict[tuple[str, tuple[str, str] | None], FetchAddress] = {}
        for url, topic in followed:
            key = key_of(url)
            self.topics.setdefault(key, set()).add(topic)
            self.addresses.setdefault(key, url)

    def has(self, url: FetchAddress, topics: Iterable[str]) -> bool:
        """Whether each of the topics follows it."""
        return self.topics.get(key_of(url), set()) >= {name.casefold() for name in topics}

    def address(self, url: FetchAddress) -> FetchAddress:
        """The address under which the guild follows this feed already, else the given one."""
        return self.addresses.get(key_of(url), url)
