"""Makes the use cases, each with what it needs and the loops it wakes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.clock import Clock
from bot.config.settings import Config, Pack
from bot.i18n.translation import many
from bot.services import (
    ArticleHistories,
    Exporting,
    Filtering,
    Following,
    Importing,
    Languages,
    Operating,
    Packs,
    PersonalFollows,
    Publishing,
    Reading,
    Saving,
    Services,
    SourceManagement,
    Statistics,
    Topics,
)
from bot.services.personal.follows import Forgetter
from bot.services.sources.ingest import Ingest
from bot.services.sources.subscriptions import Finder
from bot.store import Store


@dataclass(frozen=True, slots=True)
class Wakes:
    """What has a loop look at once, instead of at its next round."""

    poll: Callable[[], None]
    deliver: Callable[[], None]
    notices: Callable[[], None]
    personal: Callable[[], None]
    imports: Callable[[], None]


def forgetters(store: Store) -> tuple[Forgetter, ...]:
    """What `/forget me` names and deletes besides what somebody follows."""
    saved = Forgetter(
        lambda n: many("{n} saved article", "{n} saved articles", n), store.saved.count, store.saved.forget
    )
    imported = Forgetter(
        lambda n: many(
            "your name at {n} list of feeds that you imported", "your name at {n} lists of feeds that you imported", n
        ),
        store.imports.count_of,
        store.imports.forget,
    )
    return saved, imported


def make(
    config: Config,
    store: Store,
    clock: Clock,
    *,
    finder: Finder,
    intake: Ingest,
    languages: Languages,
    wakes: Wakes,
    packs: Sequence[Pack] | None = None,
) -> Services:
    """All use cases.

    Args:
        packs: the starter packs that are offered; those of the configuration where there are no others.
    """
    limits = config.limits
    tending = SourceManagement(
        store,
        clock,
        limits,
        on_due=wakes.poll,
        on_queued=wakes.deliver,
        on_change=wakes.notices,
    )
    following = Following(store, finder, intake, limits, clock)
    return Services(
        topics=Topics(store, limits, clock, on_queued=wakes.deliver),
        following=following,
        packs=Packs(config.packs if packs is None else packs, finder, following, clock),
        reading=Reading(store, limits, clock),
        saving=Saving(store, clock),
        tending=tending,
        operating=Operating(store, clock, on_queued=wakes.deliver, on_change=wakes.notices),
        languages=languages,
        filtering=Filtering(store, clock, on_queued=wakes.deliver),
        tracing=ArticleHistories(store, clock),
        personal=PersonalFollows(
            store,
            tending,
            clock,
            on_change=wakes.personal,
            on_queued=wakes.deliver,
            forgetters=forgetters(store),
        ),
        importing=Importing(store, clock, on_begun=wakes.imports, sources_per_day=limits.imported_sources_per_day),
        exporting=Exporting(store, clock),
        statistics=Statistics(store, tending, clock),
        publishing=Publishing(store, clock),
    )
