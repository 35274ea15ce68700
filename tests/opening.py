"""Opens the store for tests as the bot does, with the configuration's defaults."""

from datetime import datetime

from bot.config import LimitsSettings, StoreSettings
from bot.delivery import judging
from bot.model import Judge
from bot.store import Store
from tests.builders import START


async def open_store(
    url: str,
    *,
    now: datetime = START,
    default_backfill: int = 1,
    judge: Judge = judging.judge,
    limits: LimitsSettings = LimitsSettings(),  # noqa: B008 - frozen
    kept: StoreSettings = StoreSettings(),  # noqa: B008 - frozen
) -> Store:
    """`Store.open` with the real judge and the default limits, where a test is about neither."""
    return await Store.open(url, now=now, default_backfill=default_backfill, judge=judge, limits=limits, kept=kept)


async def sweep(store: Store, *, now: datetime) -> None:
    """Delete all that is kept no longer, as the running bot does piece by piece."""
    for _ in range(10_000):
        if not (await store.retention.sweep(now=now)).more:
            break
    after: int | None = 0
    while after is not None:
        after, _swept = await store.retention.sweep_posts(after=after, now=now)
    await store.retention.begin_merging()
    while await store.retention.merge_index():
        pass
