"""One copy a night, whatever else happens."""

from datetime import timedelta

from bot.config.settings import StoreSettings
from bot.jobs.backup_loop import BackupJob
from bot.store import Store
from bot.store.admin import backup
from tests.builders import START
from tests.fakes import FakeClock


def settings(store: Store, kept: int) -> StoreSettings:
    return StoreSettings(url=f"sqlite:///{store._database.path}", nightly_backups=kept)


async def test_none_is_made_unless_the_configuration_wants_it(store: Store) -> None:
    await BackupJob(settings(store, 0), FakeClock(START)).round()
    assert backup.newest(backup.folder_of(store._database.path)) is None


async def test_one_copy_is_made_each_night_and_the_newest_are_kept(store: Store) -> None:
    clock = FakeClock(START)
    job = BackupJob(settings(store, 2), clock)
    folder, made = backup.folder_of(store._database.path), []
    for _ in range(4 * 24 * 6):
        await job.round()
        made += [each.name for each in backup._copies(folder) if each.name not in made]
        clock.advance(600)
    # The first at once, since there is none; then each after three in the morning.
    assert made == [
        "riverpost-20260101-120000.db",
        *(f"riverpost-202601{day:02}-030000.db" for day in (2, 3, 4, 5)),
    ]
    assert len(backup._copies(folder)) == 2


async def test_a_copy_that_cannot_be_made_is_tried_again(store: Store) -> None:
    clock = FakeClock(START)
    job = BackupJob(settings(store, 2), clock)
    folder = backup.folder_of(store._database.path)
    folder.write_text("in the way")
    assert await job.round() <= timedelta(minutes=10).total_seconds()
    folder.unlink()
    await job.round()
    assert backup.newest(folder) is not None
