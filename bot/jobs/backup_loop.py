"""A copy of the database each night, where the configuration wants copies."""

import asyncio
from datetime import datetime, timedelta

from bot import logs
from bot.clock import Clock
from bot.config.settings import StoreSettings
from bot.errors import StoreError
from bot.store.admin import backup
from bot.store.engine.database import path_of

log = logs.get(__name__)

HOUR = 3
"""Of UTC, from which on the copy of the night is made."""
LOOK_SECONDS = 600.0


class BackupJob:
    """Makes one copy a night and keeps the newest `nightly_backups`. One that failed is tried again in ten minutes."""

    def __init__(self, settings: StoreSettings, clock: Clock) -> None:
        self._database = path_of(settings.url)
        self._kept = settings.nightly_backups
        self._clock = clock

    async def round(self) -> float:
        """Seconds until the next look."""
        now = self._clock.now()
        if self._kept and await asyncio.to_thread(self._is_due, now):
            try:
                copy = await asyncio.to_thread(backup.make, self._database, None, now=now, kept=self._kept)
                log.info("backup_made", file=str(copy))
            except StoreError as error:
                log.error("backup_failed", error=str(error))
        return LOOK_SECONDS

    def _is_due(self, now: datetime) -> bool:
        night = now.replace(hour=HOUR, minute=0, second=0, microsecond=0)
        if night > now:
            night -= timedelta(days=1)
        newest = backup.newest(backup.folder_of(self._database))
        return newest is None or backup.made_at(newest) < night
