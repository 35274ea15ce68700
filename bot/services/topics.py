"""Topics of a guild: made, listed, deleted."""

from typing import Protocol

from bot.clock import Clock
from bot.errors import UserError
from bot.model import Topic, TopicSummary
from bot.store import Store

NAME_LENGTH = 50


class Limits(Protocol):
    """The section [limits] of the configuration; all per guild."""

    @property
    def topics_per_guild(self) -> int: ...
    @property
    def sources_per_guild(self) -> int: ...
    @property
    def subscriptions_per_minute(self) -> int: ...


class Topics:
    """Use cases around topics."""

    def __init__(self, store: Store, limits: Limits, clock: Clock) -> None:
        self._store = store
        self._limits = limits
        self._clock = clock

    async def create(self, *, guild_id: int, name: str, channel_id: int, colour: int | None, created_by: int) -> Topic:
        """A new topic that flows into a channel.

        Raises:
            UserError: the name is empty, too long or taken, or the guild has as many topics as it may.
        """
        name = " ".join(name.split())
        if not name or len(name) > NAME_LENGTH:
            raise UserError(f"A topic's name has between 1 and {NAME_LENGTH} characters. Choose a shorter one.")
        topics, _ = await self._store.topics.counts(guild_id)
        if topics >= self._limits.topics_per_guild:
            raise UserError(
                f"This server has {topics} topics, and that is the most it may have. Delete one with /topic delete first."
            )
        made = await self._store.topics.create(
            guild_id=guild_id,
            name=name,
            channel_id=channel_id,
            colour=colour,
            created_by=created_by,
            now=self._clock.now(),
        )
        if made is None:
            raise UserError(f"There is a topic called “{name}” already. Choose another name, or see /topic list.")
        return made

    async def all(self, guild_id: int) -> tuple[TopicSummary, ...]:
        """By name."""
        return await self._store.topics.all(guild_id)

    async def get(self, guild_id: int, name: str) -> Topic:
        """The topic of this name, whatever its case.

        Raises:
            UserError: there is none; says which there are.
        """
        found = await self._store.topics.get(guild_id, name)
        if found is not None:
            return found
        names = [summary.topic.name for summary in await self._store.topics.all(guild_id)]
        if not names:
            raise UserError("There is no topic yet. Make one with /topic create.")
        shown = ", ".join(f"“{each}”" for each in names[:10])
        raise UserError(f"There is no topic called “{name[:NAME_LENGTH]}”. This server has {shown}.")

    async def summary(self, guild_id: int, name: str) -> TopicSummary:
        """A topic with the number of its sources and articles, as `get`."""
        topic = await self.get(guild_id, name)
        return next(each for each in await self._store.topics.all(guild_id) if each.topic.id == topic.id)

    async def delete(self, topic: Topic) -> None:
        """Forget a topic, its subscriptions and what still waits for it. Messages in Discord stay."""
        await self._store.topics.delete(topic.id, now=self._clock.now())
