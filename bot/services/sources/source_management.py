"""Tending sources that are followed: shown, asked again, paused, resumed. By command, and by the buttons of notices."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.addresses import Scrubber
from bot.clock import Clock
from bot.config.settings import LimitsSettings
from bot.errors import NoRoom, UserError
from bot.feeds.scheduling import usual_publish_times
from bot.feeds.scheduling.usual_publish_times import UsualTimes
from bot.i18n.translation import _
from bot.model import FeedState, FetchAddress, Problem, RestReason, SourceStatus, Topic, Viewer
from bot.services.limits.rate_limit import MINUTE, RateLimit
from bot.services.sources.source_lookup import the_source, title_of
from bot.services.sources.subscriptions import no_sources_left, no_subscriptions_left
from bot.services.topics.topics import MAX_NAME
from bot.store import Store

MAX_GIVEN_NAME = 80
"""What Discord takes as the name under which a source posts by itself."""
ALL = 0
"""Instead of a feed's id: every source of the guild that fails."""


@dataclass(frozen=True, slots=True)
class SourceView:
    """One source as the topics of a guild follow it."""

    feed_id: int
    title: str
    url: FetchAddress
    sources: tuple[SourceStatus, ...]
    """One for each topic."""

    @property
    def topics(self) -> str:
        return ", ".join(each.topic for each in self.sources)


@dataclass(frozen=True, slots=True)
class Move:
    """A source that moved from one topic to another."""

    title: str
    old: str
    new: Topic
    waiting: int
    """Articles that wait in the new topic now."""
    joined: bool
    """The new topic followed it before."""


class SourceManagement:
    """Every method raises `UserError` for what a person can put right.

    Args:
        on_due: called when a feed is to be asked at once.
        on_queued: called when articles go on.
        on_change: called when a notice may no longer say how things are.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        limits: LimitsSettings,
        *,
        on_due: Callable[[], None],
        on_queued: Callable[[], None],
        on_change: Callable[[], None],
    ) -> None:
        self._store = store
        self._clock = clock
        self._on_due = on_due
        self._on_queued = on_queued
        self._on_change = on_change
        self._limits = limits
        self._pace = RateLimit(limits.retries_per_minute, MINUTE, clock)

    async def find(self, viewer: Viewer, source: str) -> SourceView:
        """`source` is a feed's id from `Following.suggest`, its title, or its address or its site's."""
        followed = await self._store.topics.sources(viewer.guild_id, now=self._clock.now(), visible=viewer.topics)
        found = the_source(followed, source)
        return _tended(found)

    async def events(self, guild_id: int, found: SourceView) -> tuple[Problem, ...]:
        """What of it was not posted as usual lately."""
        return await self._store.notices.events_of(guild_id, found.feed_id, [each.topic_id for each in found.sources])

    async def usual_times(self, found: SourceView) -> UsualTimes | None:
        """When it usually publishes, and so is asked most; None while that cannot be told."""
        times = await self._store.feeds.newest_times(found.feed_id, most=usual_publish_times.MOST)
        return usual_publish_times.usual_times(times, self._clock.now())

    async def retry(self, viewer: Viewer, source: str) -> SourceView:
        """Ask it as soon as its host allows, whatever its schedule says."""
        found = await self.find(viewer, source)
        if all(each.state is FeedState.PAUSED for each in found.sources):
            raise UserError(_("“{source}” is paused. /source resume lets it go on.").format(source=found.title))
        resting = found.sources[0]
        if resting.rests_until is not None:
            raise UserError(rests(resting))
        self._check_pace(viewer.guild_id)
        await self._store.changes.retry_sources([found.feed_id], now=self._clock.now())
        self._on_due()
        return found

    async def retry_failing(self, viewer: Viewer) -> int:
        """Ask every source that fails or is gone, of those that a person may see. How many there are."""
        sources = await self._store.topics.sources(viewer.guild_id, now=self._clock.now(), visible=viewer.topics)
        failing = {
            each.feed_id
            for each in sources
            if each.state is FeedState.GONE or (each.failures and each.state is FeedState.ACTIVE)
        }
        if failing:
            self._check_pace(viewer.guild_id)
        await self._store.changes.retry_sources(failing, now=self._clock.now())
        self._on_due()
        return len(failing)

    async def pause(self, viewer: Viewer, source: str) -> SourceView:
        """Hold its articles, here and in no other server. What comes meanwhile is kept."""
        found = await self.find(viewer, source)
        changed = await self._store.changes.pause_source(
            viewer.guild_id, found.feed_id, paused=True, now=self._clock.now(), visible=viewer.topics
        )
        if not changed:
            raise UserError(_("“{source}” is paused already. /source resume lets it go on.").format(source=found.title))
        self._on_change()
        return found

    async def resume(self, viewer: Viewer, source: str) -> SourceView:
        """Let what was held come now, and ask the source at once."""
        found = await self.find(viewer, source)
        if any(each.state is FeedState.PAUSED for each in found.sources):
            self._check_pace(viewer.guild_id)  # it is asked at once
        changed = await self._store.changes.pause_source(
            viewer.guild_id, found.feed_id, paused=False, now=self._clock.now(), visible=viewer.topics
        )
        if not changed:
            raise UserError(_("“{name}” is not paused.").format(name=found.title))
        self._on_due()
        self._on_queued()
        self._on_change()
        return found

    def _check_pace(self, guild_id: int) -> None:
        self._pace.check(guild_id, _("Sources were asked again and again within a minute."))

    async def rename(self, viewer: Viewer, source: str, name: str | None) -> SourceView:
        """Call it so in this guild, in its posts too; None takes the name away. As it is called from now on."""
        given = " ".join((name or "").split())
        if len(given) > MAX_GIVEN_NAME:
            raise UserError(_("That name is too long: it may have {limit} characters.").format(limit=MAX_GIVEN_NAME))
        found = await self.find(viewer, source)
        # Many readers call a feed by its address where it has no title, and who copies that copies its key.
        given = Scrubber(found.url.reveal()).text(given)
        await self._store.names.give(viewer.guild_id, found.feed_id, given or None)
        self._on_change()
        return await self.find(viewer, str(found.feed_id))

    async def move(self, viewer: Viewer, source: str, *, old: str | None, new: Topic) -> Move:
        """Follow it in another topic of the guild instead of `old`, which may be left out where only one follows it."""
        found = await self.find(viewer, source)
        topics = {
            each.topic.name.casefold(): each.topic
            for each in await self._store.topics.all(viewer.guild_id, visible=viewer.topics)
        }
        here = [topics[each.topic.casefold()] for each in found.sources if each.topic.casefold() in topics]
        if old is not None:
            here = [topic for topic in here if topic.name.casefold() == old.strip().casefold()]
            if not here:
                raise UserError(
                    _("“{topic}” does not have “{source}”. These topics have it: {topics}.").format(
                        topic=old[:MAX_NAME], source=found.title, topics=found.topics
                    )
                )
        else:
            here = [topic for topic in here if topic.id != new.id] or here
        if len(here) > 1:
            raise UserError(
                _("Several topics have “{source}”: {topics}. Say with `from_topic` which one it leaves.").format(
                    source=found.title, topics=found.topics
                )
            )
        if here[0].id == new.id:
            raise UserError(_("“{topic}” has “{source}” already.").format(topic=new.name, source=found.title))
        try:
            done = await self._store.relocation.move(
                found.feed_id,
                old_topic_id=here[0].id,
                new_topic_id=new.id,
                limit=self._limits.sources_per_guild,
                subscription_limit=self._limits.subscriptions_per_guild,
                now=self._clock.now(),
            )
        except NoRoom as error:
            # What the configuration file declares does not count; what a person moved does.
            raise (no_sources_left if error.what == "sources" else no_subscriptions_left)(error.count) from error
        if done is None:
            raise UserError(
                _("“{topic}” does not have “{source}” any more.").format(topic=here[0].name, source=found.title)
            )
        self._on_queued()
        self._on_change()
        return Move(found.title, here[0].name, new, done.waiting, done.joined)

    async def unsubscribe(self, viewer: Viewer, source: str) -> SourceView:
        """Stop following it in every topic that the person may see."""
        found = await self.find(viewer, source)
        topics = {
            each.topic.name: each.topic.id
            for each in await self._store.topics.all(viewer.guild_id, visible=viewer.topics)
        }
        for each in found.sources:
            if each.topic in topics:
                await self._store.topics.unsubscribe(topics[each.topic], found.feed_id, now=self._clock.now())
        self._on_change()
        return found


def rests(source: SourceStatus) -> str:
    """Why a source that brought too much is not asked, and until when."""
    until = f"<t:{int(source.rests_until.timestamp())}:R>" if source.rests_until is not None else ""
    if source.rest_reason is RestReason.SERVER:
        return _(
            "The sources of this server brought more today than they may, so those that no other server has rest; "
            "it is asked again {moment}."
        ).format(moment=until)
    return _("This source brought more today than one source may, so it rests; it is asked again {moment}.").format(
        moment=until
    )


def _tended(found: list[SourceStatus]) -> SourceView:
    first = found[0]
    return SourceView(first.feed_id, title_of(first), first.url, tuple(found))
