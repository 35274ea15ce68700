"""Saving articles to read later, each person for themselves."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.addresses import site_of
from bot.clock import Clock
from bot.errors import UserError
from bot.excerpts import excerpt
from bot.i18n.translation import _
from bot.model import Article, SavedPage
from bot.services.sources.source_names import as_called
from bot.store import Store

PAGE_SIZE = 5
MAX_NAME = 100
"""Characters of the first words by which an article without a title is known."""
MOST = 1_000
"""Articles that one person keeps."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What came of saving: which articles are saved now, and which were already."""

    now: tuple[Article, ...]
    before: tuple[Article, ...]


class Saving:
    """Whatever it is asked, it reads and changes only what belongs to the person who asks."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def save(self, user_id: int, entry_ids: Sequence[int], *, guild_id: int | None, message_id: int) -> Kept:
        """Save articles that a message of ours shows; whatever else is asked for is passed over.

        Args:
            guild_id: where the message stands; None for a private message, which must be one to this person.

        Raises:
            UserError: the message shows none of them any more, or there is no room for them.
        """
        shown = await self._shown(user_id, guild_id, message_id)
        articles = [each for each in shown if each.entry_id in set(entry_ids)]
        if not articles and len(shown) == len(entry_ids) == 1:
            articles = list(shown)  # the feed moved, and the article has another number since
        if not articles:
            raise UserError(_("I do not have that article any more: its source was removed. Its link still works."))
        kept: dict[bool, list[Article]] = {True: [], False: []}
        for found in articles:
            # Many a short message has no title.
            name = excerpt.named(found.title, found.summary_html or found.text, MAX_NAME)
            article = replace(found, title=name)
            source = article.source_title or site_of(article.feed_url)
            saved = await self._store.saved.save(user_id, article, source=source, now=self._clock.now(), most=MOST)
            if saved is None:
                raise UserError(
                    _("You have saved {most} articles, which is the limit. Remove some in `/saved` first.").format(
                        most=f"{MOST:,}"
                    )
                )
            kept[saved].append(article)
        return Kept(tuple(kept[True]), tuple(kept[False]))

    async def _shown(self, user_id: int, guild_id: int | None, message_id: int) -> tuple[Article, ...]:
        if guild_id is None:
            return await self._store.saved.sent_to(user_id, message_id)
        found = await self._store.saved.shown_in(guild_id, message_id)
        return await as_called(self._store, guild_id, found)

    async def shown_in(self, guild_id: int, message_id: int) -> tuple[Article, ...]:
        """The articles of a message of ours.

        Raises:
            UserError: it shows none.
        """
        found = await self._store.saved.shown_in(guild_id, message_id)
        if not found:
            raise UserError(_("There is no article of mine in that message. Choose a message in which I posted one."))
        return found

    async def page(self, user_id: int, *, done: bool, number: int) -> SavedPage:
        """What is still to be read, or what was read, saved last first."""
        return await self._store.saved.page(user_id, done=done, number=number, size=PAGE_SIZE)

    async def mark(self, user_id: int, saved_id: int, *, done: bool) -> None:
        """As read, or as still to be read. What is gone already is passed over."""
        await self._store.saved.mark(user_id, saved_id, done_at=self._clock.now() if done else None)

    async def remove(self, user_id: int, saved_id: int) -> None:
        """What is gone already is passed over."""
        await self._store.saved.remove(user_id, saved_id)
