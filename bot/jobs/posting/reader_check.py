"""Whether a person may still read what is on its way as a private message. Asked before it is made, and before it is sent."""

from typing import Protocol

from bot.model import Post, PostKind, Viewer
from bot.store import Store


class Viewers(Protocol):
    """Knows what persons may read, see `permissions.readable_topics`."""

    async def of(self, guild_id: int, user_id: int) -> Viewer | None:
        """What somebody may read in a guild now; None where nobody can tell."""
        ...


class ReaderCheck:
    """Asks for each guild that something comes from."""

    def __init__(self, store: Store, viewers: Viewers) -> None:
        self._store = store
        self._viewers = viewers

    async def of(self, user_id: int) -> tuple[tuple[Viewer, bool], ...] | None:
        """What somebody may read in each guild in which something is followed, and whether the bot is there.

        None where nobody can tell of one of them.
        """
        found = []
        for guild_id, is_there in await self._store.readable.guilds(user_id):
            viewer = await self._viewer(guild_id, user_id, is_there=is_there)
            if viewer is None:
                return None
            found.append((viewer, is_there))
        return tuple(found)

    async def _viewer(self, guild_id: int, user_id: int, *, is_there: bool) -> Viewer | None:
        """A guild that the bot is not in any more shows nothing to anybody."""
        return await self._viewers.of(guild_id, user_id) if is_there else Viewer(guild_id, user_id, frozenset())

    async def may_go(self, post: Post) -> bool | None:
        """Whether a message may be sent as it is; None where nobody can tell now. Only private messages are asked about."""
        planned = await self._store.readable.of_post(post.id) if post.kind is PostKind.PERSONAL else None
        if planned is None:
            return True
        user_id, guilds = planned
        there = dict(await self._store.readable.guilds(user_id))
        for guild_id in guilds:
            viewer = await self._viewer(guild_id, user_id, is_there=there.get(guild_id, False))
            if viewer is None:
                return None
            if await self._store.readable.shows_hidden(viewer, post.id):
                return False
        return True
