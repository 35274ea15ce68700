"""Operating: how the bot stands, what failed and what to do with it.

A person sees what is of the topics that this person may see; `None` instead of a viewer is the whole bot.
"""

from collections.abc import Callable, Collection
from dataclasses import replace

from bot.clock import Clock
from bot.errors import UserError
from bot.i18n.translation import _
from bot.model import FailedPage, Overview, Viewer
from bot.store import Store

PAGE_SIZE = 4
"""Each article has a row of buttons, and a message has five rows: one is for turning pages."""
ALL = 0
"""Instead of a channel's id: every held channel of the guild."""


class Operating:
    """Every method raises `UserError` for what a person can put right.

    Args:
        on_queued: called when articles go on.
        on_change: called when a notice may no longer say how things are.
    """

    def __init__(
        self, store: Store, clock: Clock, *, on_queued: Callable[[], None], on_change: Callable[[], None]
    ) -> None:
        self._store = store
        self._clock = clock
        self._on_queued = on_queued
        self._on_change = on_change

    async def overview(self, viewer: Viewer | None) -> Overview:
        """The figures; a feed without a title goes by its host."""
        found = await self._store.operating.overview(_guild(viewer), now=self._clock.now(), visible=_topics(viewer))
        given = await self._store.names.of(viewer.guild_id) if viewer is not None else {}
        sources = tuple(replace(each, name=given.get(each.feed_id) or each.name) for each in found.sources)
        return replace(found, sources=sources)

    async def failed(self, topics: Collection[int] | None, *, page: int = 1) -> FailedPage:
        """Articles that Discord refuses or that cannot be shown, newest first; `page` counts from 1.

        Args:
            topics: those whose articles the person may try again; None for whoever runs the bot.
        """
        return await self._store.operating.failed(topics, page=page, size=PAGE_SIZE)

    async def replay(self, topics: Collection[int] | None, delivery_id: int) -> None:
        """Try a failed article again, in a message of its own."""
        if not await self._store.operating.replay(topics, delivery_id):
            raise UserError(
                _("That article is not among the failed ones any more. Use /status failed for a fresh list.")
            )
        self._on_queued()

    async def drop(self, topics: Collection[int] | None, delivery_id: int) -> None:
        """Give a failed article up: it stays in the archive, and is not posted."""
        if not await self._store.operating.drop(topics, delivery_id):
            raise UserError(
                _("That article is not among the failed ones any more. Use /status failed for a fresh list.")
            )

    async def try_again(self, guild_id: int, channel_id: int) -> int:
        """Probe a held channel, or with `ALL` each of the guild's, at once. How many are held."""
        held = await self._store.deliveries.probe_soon(
            guild_id, now=self._clock.now(), channel_id=channel_id if channel_id != ALL else None
        )
        self._on_queued()
        return held

    async def check_notice(self, guild_id: int, message_id: int) -> None:
        """Raises UserError where the message is no notice to this guild: its buttons act on nothing of the guild's."""
        if not await self._store.notices.is_notice(guild_id, message_id):
            raise UserError(_("I do not know this notice any more. `/status overview` shows how things are."))

    async def notice_channel(self, guild_id: int) -> int | None:
        """Where the guild's admins want to be told of troubles; None is the system channel."""
        return await self._store.notices.place(guild_id)

    async def choose_notice_channel(self, guild_id: int, channel_id: int | None) -> None:
        """Remember it; None goes back to the system channel."""
        await self._store.notices.choose_place(guild_id, channel_id)
        self._on_change()


def _guild(viewer: Viewer | None) -> int | None:
    return None if viewer is None else viewer.guild_id


def _topics(viewer: Viewer | None) -> frozenset[int] | None:
    return None if viewer is None else viewer.topics
