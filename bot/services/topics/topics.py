"""Topics: made, listed, found and deleted on a person's request."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime

from bot.clock import Clock
from bot.config.settings import LimitsSettings
from bot.errors import NoRoom, UserError
from bot.i18n.translation import _, many
from bot.model import Article, Scope, Topic, TopicPlace, TopicSummary, Viewer
from bot.schedules import digest_times
from bot.services.limits.concurrency import Turns
from bot.services.topics.topic_options import NOW_FIELDS, changed
from bot.store import Store

MAX_NAME = 50
COLOUR = re.compile(r"#?([0-9a-fA-F]{6})")
SUGGESTIONS = 25
"""Discord shows no more."""


async def topic_named(store: Store, viewer: Viewer, name: str) -> Topic:
    """The topic of this name that a person may see, whatever its case.

    Raises:
        UserError: there is none. One that the person may not see is as one that does not exist.
    """
    topic = await store.topics.get(viewer.guild_id, name)
    if topic is None or topic.id not in viewer.topics:
        raise unknown_topic(name)
    return topic


def unknown_topic(name: str) -> UserError:
    """What is said of a topic that does not exist, and to who cannot see its channel."""
    return UserError(
        _("There is no topic called “{name}” here. /topic list shows all topics.").format(name=name[:MAX_NAME])
    )


def _checked_name(name: str) -> str:
    shown = " ".join(name.split())
    if not shown or len(shown) > MAX_NAME:
        raise UserError(
            _("A topic's name needs between 1 and {most} characters. Choose another name.").format(most=MAX_NAME)
        )
    return shown


def read_colour(text: str | None) -> int | None:
    """`#1f8b4c` or `1f8b4c` as a number; None for None.

    Raises:
        UserError: it is no such colour.
    """
    if text is None:
        return None
    match = COLOUR.fullmatch(text.strip())
    if match is None:
        raise UserError(_("I cannot read that colour. Give six digits or letters from A to F, for example #1f8b4c."))
    return int(match[1], 16)


class Topics:
    """What can be done with topics. Every method raises `UserError` for what a person can put right."""

    def __init__(self, store: Store, limits: LimitsSettings, clock: Clock, *, on_queued: Callable[[], None]) -> None:
        self._store = store
        self._limits = limits
        self._clock = clock
        self._on_queued = on_queued
        self._suggesting = Turns(limits)

    async def edit(
        self,
        topic: Topic,
        *,
        name: str | None = None,
        channel_id: int | None = None,
        colour: str | None = None,
        options: Mapping[str, object] | None = None,
    ) -> Topic:
        """Change what is given; what waits goes to the new channel.

        Args:
            options: those fields of `TopicOptions` that are to be other than now.
        """
        if name is None and channel_id is None and colour is None and not options:
            raise UserError(
                _("Say what to change: a new name, another channel, another colour, or how its articles are posted.")
            )
        if topic.declared and (name is not None or channel_id is not None):
            raise UserError(
                _(
                    "“{topic}” is declared in my configuration file, which decides on its name and channel. "
                    "Ask whoever runs me to change it there."
                ).format(topic=topic.name)
            )
        after = changed(topic.options, options or {})
        now = self._clock.now()
        in_time = any(getattr(after, name) != getattr(topic.options, name) for name in NOW_FIELDS)
        edited = await self._store.changes.edit_topic(
            topic.id,
            name=_checked_name(name) if name is not None else None,
            channel_id=channel_id,
            colour=read_colour(colour),
            options=options,
            hours=digest_times.hours(after, now) if in_time else None,
            now=now,
        )
        if edited is None:
            raise UserError(_("There is already a topic called “{name}”. Choose another name.").format(name=name))
        self._on_queued()
        return edited

    async def pause(self, topic: Topic) -> None:
        """Post nothing in it until it is resumed; what comes meanwhile is kept."""
        if not await self._store.changes.pause_topic(topic.id, paused=True):
            raise UserError(_("“{topic}” is paused already. /topic resume lets it go on.").format(topic=topic.name))

    async def resume(self, topic: Topic) -> None:
        """Let what was held come now, oldest first."""
        if not await self._store.changes.pause_topic(topic.id, paused=False):
            raise UserError(_("“{name}” is not paused.").format(name=topic.name))
        self._on_queued()

    async def create(
        self, *, guild_id: int, name: str, channel_id: int, colour: str | None = None, created_by: int | None = None
    ) -> Topic:
        """A new, empty topic that posts into the channel. `colour` is text such as #1f8b4c."""
        shown = _checked_name(name)
        number = read_colour(colour)
        try:
            topic = await self._store.topics.create(
                guild_id=guild_id,
                name=shown,
                channel_id=channel_id,
                colour=number,
                created_by=created_by,
                limit=self._limits.topics_per_guild,
                now=self._clock.now(),
            )
        except NoRoom as error:
            raise UserError(
                many(
                    "This server already has {n} topic, which is the limit. Delete it with /topic delete first.",
                    "This server already has {n} topics, which is the limit. Delete one with /topic delete first.",
                    error.count,
                )
            ) from error
        if topic is None:
            raise UserError(
                _("There is already a topic called “{name}”. Choose another name, or use that topic.").format(
                    name=shown
                )
            )
        return topic

    async def places(self, guild_id: int) -> tuple[TopicPlace, ...]:
        """Where the guild's topics post: it decides on who may read them."""
        return await self._store.topics.places(guild_id)

    async def all(self, viewer: Viewer) -> tuple[TopicSummary, ...]:
        """The topics that a person may see, by name."""
        return await self._store.topics.all(viewer.guild_id, visible=viewer.topics)

    async def get(self, viewer: Viewer, name: str) -> Topic:
        """The topic of this name, whatever its case."""
        return await topic_named(self._store, viewer, name)

    async def current(self, topic: Topic) -> Topic:
        """The topic as it is now, under whatever name; one that was made anew under its name is another."""
        found = await self._store.topics.all(topic.guild_id, visible={topic.id})
        if not found:
            raise unknown_topic(topic.name)
        return found[0].topic

    async def summary(self, topic: Topic) -> TopicSummary:
        """The topic with what stands behind it, to be shown before it is deleted."""
        found = await self._store.topics.all(topic.guild_id, visible={topic.id})
        return found[0] if found else TopicSummary(topic, 0, 0)

    def now(self) -> datetime:
        """The moment from which the next digest is told."""
        return self._clock.now()

    async def newest(self, topic: Topic) -> Article | None:
        """The newest article of what the topic follows, to show how its articles look."""
        found = await self._store.river.at(Scope(topic.guild_id, frozenset({topic.id})), 0, size=1)
        return next(iter(found.articles), None)

    async def delete(self, topic: Topic) -> None:
        """Forget the topic and what it follows; deleting it twice is no error."""
        await self._store.topics.delete(topic.id, now=self._clock.now())

    async def suggest(self, viewer: Viewer, typed: str) -> tuple[str, ...]:
        """Up to 25 names that contain what was typed.

        Raises:
            UserError: the person, or the whole server, types faster than is looked up.
        """
        wanted = typed.strip().casefold()
        async with self._suggesting.take(viewer.guild_id, viewer.user_id):
            names = [summary.topic.name for summary in await self.all(viewer)]
        return tuple(name for name in names if wanted in name.casefold())[:SUGGESTIONS]
