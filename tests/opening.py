"""Opens the store for tests as the bot does, with the configuration's defaults."""

from datetime import datetime

from bot.config import LimitsSettings
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
) -> Store:
    """`Store.open` with the real judge and the default limits, where a test is about neither."""
    return await Store.open(url, now=now, default_backfill=default_backfill, judge=judge, limits=limits)
