"""What single persons follow: followed, listed, changed, stopped; and forgetting somebody altogether."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from zoneinfo import available_timezones

from bot.clock import Clock
from bot.errors import NoRoom, UserError
from bot.filters.matching import parse
from bot.i18n.translation import _, many
from bot.model import (
    DIRECT,
    MAX_FOLLOWS,
    STANDARD_HOUR,
    STANDARD_ZONE,
    Follow,
    FollowKind,
    Person,
    Stored,
    Viewer,
    Wish,
)
from bot.schedules.personal_digest_time import next_digest, zone_of
from bot.services.sources.source_management import SourceManagement
from bot.services.topics.topics import SUGGESTIONS, topic_named
from bot.store import Store

MAX_WORDS = 200


@dataclass(frozen=True, slots=True)
class When:
    """When somebody wants articles. Where nothing is given, what was chosen before stays."""

    daily: bool | None = None
    hour: int | None = None
    zone: str | None = None
    locale: str | None = None


@dataclass(frozen=True, slots=True)
class FollowsNow:
    """What came of a wish to follow something."""

    follow: Follow
    already: bool
    person: Person
    next_digest: datetime | None
    """Where it comes in the digest: when the next is due."""


@dataclass(frozen=True, slots=True)
class Forgetter:
    """Something else that is stored about persons."""

    what: Callable[[int], str]
    """Names so many of it, in the reader's language: "3 saved articles"."""
    count: Callable[[int], Awaitable[int]]
    forget: Callable[[int], Awaitable[object]]


class PersonalFollows:
    """Every method raises `UserError` for what a person can put right.

    Args:
        on_change: called when something may be sent at once.
        on_queued: called when held messages are to be tried.
        forgetters: what else is stored about persons, see `forget`.
    """

    def __init__(
        self,
        store: Store,
        tending: SourceManagement,
        clock: Clock,
        *,
        on_change: Callable[[], None],
        on_queued: Callable[[], None],
        forgetters: Sequence[Forgetter],
    ) -> None:
        self._store = store
        self._tending = tending
        self._clock = clock
        self._on_change = on_change
        self._on_queued = on_queued
        self._forgetters = tuple(forgetters)

    async def follow_words(self, viewer: Viewer, words: str, when: When) -> FollowsNow:
        """`words` are a filter: every article that it wants comes, of the topics that the person may see."""
        shown = " ".join(words.split())
        if len(shown) > MAX_WORDS:
            raise UserError(_("That is too long: at most {most} characters, please.").format(most=MAX_WORDS))
        if not parse(shown):
            raise UserError(_("Write at least one word to follow."))
        return await self._follow(viewer, Wish(FollowKind.WORDS, daily=False, words=shown), when)

    async def follow_source(self, viewer: Viewer, source: str, when: When) -> FollowsNow:
        """`source` is what a person chose or typed, see `SourceManagement.find`."""
        found = await self._tending.find(viewer, source)
        return await self._follow(viewer, Wish(FollowKind.SOURCE, daily=False, feed_id=found.feed_id), when)

    async def follow_topic(self, viewer: Viewer, topic: str, when: When) -> FollowsNow:
        """All articles of a topic, as its channel gets them."""
        found = await topic_named(self._store, viewer, topic)
        return await self._follow(viewer, Wish(FollowKind.TOPIC, daily=False, topic_id=found.id), when)

    async def following(self, user_id: int) -> tuple[Person, tuple[Follow, ...]]:
        """How somebody wants messages, and what is followed, in all guilds."""
        person = await self._store.follows.person(user_id)
        return person or Person(user_id), await self._store.follows.of(user_id)

    async def hidden(self, viewer: Viewer) -> tuple[Follow, ...]:
        """What somebody follows in a guild and may not see there now."""
        return await self._store.readable.hidden_follows(viewer)

    def next_digest(self, person: Person) -> datetime:
        """When somebody's next digest is due, if there is something to read."""
        hour = STANDARD_HOUR if person.hour is None else person.hour
        return next_digest(hour, person.zone or STANDARD_ZONE, self._clock.now())

    def suggest_zones(self, typed: str) -> list[tuple[str, str]]:
        """Up to 25 time zones that hold what was typed: how each is shown, with the time there, and its name."""
        wanted = typed.strip().replace(" ", "_").casefold()
        holding = [zone for zone in zones() if wanted in zone.casefold()]
        holding.sort(key=lambda zone: (not zone.rpartition("/")[2].casefold().startswith(wanted), zone))
        now = self._clock.now()
        shown = {
            zone: f"{zone.replace('_', ' ')} ({now.astimezone(zone_of(zone)):%H:%M})" for zone in holding[:SUGGESTIONS]
        }
        return [(label, zone) for zone, label in shown.items()]

    async def stop(self, user_id: int, what: str, *, unnamed: Collection[int] = frozenset()) -> Follow:
        """Follow something no longer. `what` is a follow's id, or its name.

        Args:
            unnamed: ids of follows that are not found by name: the person may not know it.
        """
        mine = await self._store.follows.of(user_id)
        text = what.strip().casefold()
        found = [each for each in mine if str(each.id) == text] or [
            each for each in mine if each.name.casefold() == text and each.id not in unnamed
        ]
        if not found:
            raise UserError(_("You follow nothing like that. /following shows what you follow."))
        if len(found) > 1:
            raise UserError(_("Several match that. Choose one from the list that appears while you type."))
        await self._store.follows.stop(user_id, found[0].id)
        self._on_change()
        return found[0]

    async def change(self, user_id: int, follow_id: int, *, daily: bool) -> None:
        """Bring something in the digest, or at once."""
        if not await self._store.follows.change(user_id, follow_id, daily=daily):
            raise UserError(_("You do not follow that any more. /following shows what you follow."))
        self._on_change()

    async def try_again(self, user_id: int) -> bool:
        """Private messages may be open again: try one at once. False where none was held."""
        person = await self._store.follows.person(user_id)
        if person is None:
            return False
        await self._store.follows.choose(user_id, now=self._clock.now(), later=None)
        held = 0
        if person.channel_id is not None:
            held = await self._store.deliveries.probe_soon(DIRECT, now=self._clock.now(), channel_id=person.channel_id)
        self._on_change()
        self._on_queued()
        return held > 0

    async def news_of_closed(self, user_id: int) -> Person | None:
        """A person who was not told yet that private messages do not arrive; it counts as told from here on."""
        if not await self._store.follows.untold(user_id):
            return None
        await self._store.follows.choose(user_id, now=self._clock.now(), told_at=self._clock.now())
        return await self._store.follows.person(user_id)

    async def stored(self, user_id: int) -> tuple[Stored, tuple[str, ...]]:
        """What is stored about somebody, and what else there is of other kinds, in words."""
        found = await self._store.follows.stored(user_id)
        others = [(each, await each.count(user_id)) for each in self._forgetters]
        return found, tuple(each.what(count) for each, count in others if count)

    async def forget(self, user_id: int) -> None:
        """Delete everything that is stored about somebody. What others use stays, without the name."""
        for each in self._forgetters:
            await each.forget(user_id)
        await self._store.follows.forget(user_id)

    async def _follow(self, viewer: Viewer, wish: Wish, when: When) -> FollowsNow:
        user_id = viewer.user_id
        before, mine = await self.following(user_id)
        if len(mine) >= MAX_FOLLOWS:
            raise _full(len(mine))
        daily = when.daily if when.daily is not None else when.hour is not None or when.zone is not None
        await self._choose(before, when, daily=daily)
        wish = Wish(wish.kind, daily, wish.words, wish.feed_id, wish.topic_id)
        try:
            made, new = await self._store.follows.add(
                user_id, viewer.guild_id, wish, now=self._clock.now(), limit=MAX_FOLLOWS
            )
        except NoRoom as error:
            # Others were followed at the same moment.
            raise _full(error.count) from error
        self._on_change()
        person = await self._store.follows.person(user_id) or before
        return FollowsNow(made, not new, person, self.next_digest(person) if daily else None)

    async def _choose(self, before: Person, when: When, *, daily: bool) -> None:
        values: dict[str, object] = {"locale": when.locale}
        if when.zone is not None:
            values["zone"] = zone_named(when.zone)
        if when.hour is not None or (daily and before.hour is None):
            values["hour"] = STANDARD_HOUR if when.hour is None else when.hour
        if "zone" in values or "hour" in values:
            values |= {"digest_at": None, "pending": True}  # so that the moment is reckoned anew
        await self._store.follows.choose(before.user_id, now=self._clock.now(), **values)


def _full(count: int) -> UserError:
    return UserError(
        many(
            "You follow {n} thing already, which is the limit. Stop one with /unfollow first.",
            "You follow {n} things already, which is the limit. Stop one with /unfollow first.",
            count,
        )
    )


def zone_named(typed: str) -> str:
    """The time zone that somebody means.

    Raises:
        UserError: there is none of that name.
    """
    wanted = typed.strip().replace(" ", "_").casefold()
    found = next((zone for zone in zones() if zone.casefold() == wanted), None)
    if found is None:
        raise UserError(
            _(
                "I know no time zone called {name}. Type a city, for example Berlin or New York, and choose from the list."
            ).format(name=f"“{typed[:50]}”")
        )
    return found


@cache
def zones() -> tuple[str, ...]:
    """Those that people live in; the others are names of the same for machines."""
    known = available_timezones()
    return tuple(
        sorted(
            zone
            for zone in known
            if zone == "UTC" or ("/" in zone and not zone.startswith(("Etc/", "posix/", "right/", "SystemV/")))
        )
    )
