"""Starter packs: sets of feeds that a new topic gets at once."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from bot import logs
from bot.addresses import shown, site_of
from bot.clock import Clock
from bot.config.pack_texts import PackTexts
from bot.config.settings import Pack
from bot.errors import DiscoveryError, FeedError, UserError
from bot.feeds.fairness.tenants import working_for
from bot.i18n.translation import _, spoken
from bot.model import Topic
from bot.services.sources.subscriptions import Finder, Following
from bot.services.topics import name_search
from bot.services.topics.topics import SUGGESTIONS

log = logs.get(__name__)

AT_ONCE = 4
MAX_SECONDS = 12 * 60
"""Discord takes an answer to a command for 15 minutes."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A feed of a pack that could not be followed. Its address is safe to show."""

    url: str
    reason: str


@dataclass(frozen=True, slots=True)
class Packed:
    """What came of following a pack."""

    followed: tuple[str, ...]
    """The titles of the feeds."""
    unread: tuple[Unread, ...]


def texts_of(pack: Pack) -> PackTexts:
    """Its name and description in the reader's language."""
    return pack.in_language.get(spoken(), PackTexts(name=pack.name, description=pack.description))


def _names(pack: Pack) -> tuple[str, ...]:
    return (texts_of(pack).name, pack.name, *(each.name for each in pack.in_language.values()))


def _descriptions(pack: Pack) -> tuple[str, ...]:
    return (pack.description, *(each.description for each in pack.in_language.values()))


Progress = Callable[[int, int], Awaitable[None]]
"""Told how many feeds of how many are done."""


class Packs:
    """Every method raises `UserError` for what a person can put right."""

    def __init__(self, packs: Sequence[Pack], finder: Finder, following: Following, clock: Clock) -> None:
        self._packs = tuple(packs)
        self._finder = finder
        self._following = following
        self._clock = clock

    def all(self) -> tuple[Pack, ...]:
        """Those of the configuration, then those that come with the program."""
        return self._packs

    def get(self, name: str) -> Pack:
        """The pack of this name, in any language and whatever its case; else the only one whose name begins so."""
        found = name_search.meant(self._packs, name, _names)
        if len(found) == 1:
            return found[0]
        names = ", ".join(texts_of(pack).name for pack in found or self._packs)
        if not names:
            raise UserError(_("I have no starter packs. Leave `pack` out, and add sources with /subscribe."))
        raise UserError(_("I have no starter pack of that name. There is: {names}.").format(names=names[:500]))

    def suggest(self, typed: str) -> tuple[Pack, ...]:
        """Up to 25 packs whose name or description holds what was typed."""
        found = name_search.suggested(self._packs, typed, _names, _descriptions)
        return tuple(found[:SUGGESTIONS])

    async def follow(self, pack: Pack, topic: Topic, *, added_by: int | None, progress: Progress) -> Packed:
        """Let the topic follow every feed of the pack that can be read within 12 minutes.

        Cancelling leaves those followed that were reached.
        """
        gate, done = asyncio.Semaphore(AT_ONCE), 0
        until = self._clock.monotonic() + MAX_SECONDS

        async def one(url: str) -> str | Unread:
            nonlocal done
            async with gate:
                if self._clock.monotonic() > until:
                    result: str | Unread = Unread(shown(url), _("There was no time left for it."))
                else:
                    result = await self._one(url, topic, added_by)
            done += 1
            await progress(done, len(pack.feeds))
            return result

        # All of them come to their end before an unforeseen error is raised: none goes on unseen.
        ended = await asyncio.gather(*(one(url) for url in pack.feeds), return_exceptions=True)
        for error in ended:
            if isinstance(error, BaseException):
                raise error
        results = [each for each in ended if not isinstance(each, BaseException)]
        return Packed(
            tuple(each for each in results if isinstance(each, str)),
            tuple(each for each in results if isinstance(each, Unread)),
        )

    async def _one(self, url: str, topic: Topic, added_by: int | None) -> str | Unread:
        try:
            with working_for(topic.guild_id, for_person=True):
                found = await self._finder.find(url)
            return (await self._following.follow(topic, found[0], added_by=added_by)).title
        except DiscoveryError as error:
            log.info("a feed of a pack could not be read", host=site_of(url), problem=str(error))
            return Unread(shown(url), error.in_bulk)
        except (FeedError, UserError) as error:
            return Unread(shown(url), str(error))
        except Exception:
            log.exception("a feed of a pack could not be followed", host=site_of(url), topic=topic.id)
            return Unread(shown(url), _("Something went wrong on my side."))
