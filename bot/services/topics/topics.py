"""Topics: made, listed, found and deleted on a person's request."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from bot.clock import Clock
from bot.config.settings import LimitsSettings
from bot.errors import NameTaken, NoRoom, UnknownTopic, UserError
from bot.i18n.translation import _, many
from bot.model import Article, Scope, Topic, TopicPlace, TopicSummary, Viewer
from bot.schedules import digest_times
from bot.services.limits.concurrency import Turns
from bot.services.topics import colours, name_search
from bot.services.topics.topic_options import NOW_FIELDS, changed
from bot.store import Store

MAX_NAME = 50
MAX_NUMBER = 9
"""Behind the name of a topic that is named after its channel."""
_NO_WORD = re.compile(r"[\W_]+")
SUGGESTIONS = 25
"""Discord shows no more."""
LISTED = 5
"""Topics that are named where several match."""


async def topic_named(store: Store, viewer: Viewer, name: str) -> Topic:
    """The topic of this name that a person may see, whatever its case; else the only one whose name begins so.

    Raises:
        UserError: there is none. One that the person may not see is as one that does not exist.
    """
    topic = await store.topics.get(viewer.guild_id, name)
    if topic is not None and topic.id in viewer.topics:
        return topic
    visible = [each.topic for each in await store.topics.all(viewer.guild_id, visible=viewer.topics)]
    found = name_search.meant(visible, name, lambda each: (each.name,))
    if len(found) > 1:
        raise UserError(
            _("Several topics match “{name}”: {topics}. Write more of the name.").format(
                name=name[:MAX_NAME], topics=", ".join(each.name for each in found[:LISTED])
            )
        )
    if not found:
        raise unknown_topic(name, name_search.similar([each.name for each in visible], name))
    return found[0]


def unknown_topic(name: str, similar: Sequence[str] = ()) -> UnknownTopic:
    """What is said of a topic that does not exist, and to who cannot see its channel.

    Args:
        similar: names of topics that the person may see, and may have meant.
    """
    shown = name[:MAX_NAME]
    if similar:
        names = " / ".join(f"“{each}”" for each in similar)
        return UnknownTopic(
            _("There is no topic called “{name}” here. Did you mean {names}?").format(name=shown, names=names)
        )
    return UnknownTopic(
        _("There is no topic called “{name}” here. Choose from the list that appears while you type.").format(
            name=shown
        )
    )


def _checked_name(name: str) -> str:
    shown = " ".join(name.split())
    if not shown or len(shown) > MAX_NAME:
        raise UserError(
            _("A topic's name needs between 1 and {most} characters. Choose another name.").format(most=MAX_NAME)
        )
    return shown


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
            colour: text such as #1f8b4c or blue; "none" for the standard one.
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
        number = colours.read(colour) if colour is not None else None
        now = self._clock.now()
        in_time = any(getattr(after, name) != getattr(topic.options, name) for name in NOW_FIELDS)
        edited = await self._store.changes.edit_topic(
            topic.id,
            name=_checked_name(name) if name is not None else None,
            channel_id=channel_id,
            colour=number,
            standard_colour=colour is not None and number is None,
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
        """A new, empty topic that posts into the channel. `colour` is text such as #1f8b4c or blue."""
        shown = _checked_name(name)
        number = colours.read(colour) if colour is not None else None
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
            raise NameTaken(
                _("There is already a topic called “{name}”. Choose another name, or use that topic.").format(
                    name=shown
                )
            )
        return topic

    async def create_default(self, *, guild_id: int, channel_id: int, channel_name: str, created_by: int) -> Topic:
        """A topic named after its channel; with a number behind it where that name is taken.

        Raises:
            UserError: the server has as many topics as it may have.
        """
        words = " ".join(_NO_WORD.sub(" ", channel_name).split())
        name = (words[:1].upper() + words[1:])[: MAX_NAME - 3].rstrip() or _("News")
        for number in range(1, MAX_NUMBER + 1):
            try:
                return await self.create(
                    guild_id=guild_id,
                    name=name if number == 1 else f"{name} {number}",
                    channel_id=channel_id,
                    created_by=created_by,
                )
            except NameTaken:
                if number == MAX_NUMBER:
                    raise
        raise AssertionError("the last number returns or raises")

    async def delete_if_empty(self, topic: Topic) -> bool:
        """Delete a topic that has no source: it was made for one that could not be read. Whether it is gone."""
        if (await self.summary(topic)).sources:
            return False
        await self.delete(topic)
        return True

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
        """Up to 25 names that contain what was typed, those that begin so first.

        Raises:
            UserError: the person, or the whole server, types faster than is looked up.
        """
        async with self._suggesting.take(viewer.guild_id, viewer.user_id):
            names = [summary.topic.name for summary in await self.all(viewer)]
        return tuple(name_search.suggested(names, typed, lambda name: (name,)))[:SUGGESTIONS]
