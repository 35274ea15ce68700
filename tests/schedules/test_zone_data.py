"""The newer of two sets of time zones is used, every zone that a topic may have is known, and old data is named."""

import zoneinfo
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.schedules import digest_times, zone_data
from bot.schedules.zone_data import ZoneData

NOW = datetime(2026, 11, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _path_as_before() -> Iterator[None]:
    before = zoneinfo.TZPATH
    yield
    zoneinfo.reset_tzpath(to=before)
    zoneinfo.ZoneInfo.clear_cache()


def system(folder: Path, line: str | None, name: str = "tzdata.zi") -> None:
    """What the system has: data of this version, which knows no zone."""
    if line is not None:
        (folder / name).write_text(line, encoding="utf-8")
    zoneinfo.reset_tzpath(to=(str(folder),))
    zoneinfo.ZoneInfo.clear_cache()


def test_older_data_of_the_system_gives_way(tmp_path: Path) -> None:
    system(tmp_path, "# version 2019a\n# more\n")
    assert zone_data.of_system() == ZoneData(2019, "a")
    assert zone_data.use_newest() == zone_data.ours()
    assert list(zoneinfo.TZPATH) == []


@pytest.mark.parametrize(("line", "name"), [("# version 2099a\n", "tzdata.zi"), ("2099a\n", "+VERSION")])
def test_newer_data_of_the_system_is_kept(tmp_path: Path, line: str, name: str) -> None:
    system(tmp_path, line, name)
    assert zone_data.use_newest() == ZoneData(2099, "a")
    assert list(zoneinfo.TZPATH) == [str(tmp_path)]


@pytest.mark.parametrize("line", [None, "", "# no version\n", "# version 2099a-custom\n"])
def test_data_of_no_known_version_gives_way(tmp_path: Path, line: str | None) -> None:
    system(tmp_path, line)
    assert zone_data.use_newest() == zone_data.ours()


@pytest.mark.parametrize("name", ["Europe/Berlin", "US/Central", "Asia/Calcutta", "Europe/Kiev", "UTC", "EST5EDT"])
def test_a_zone_is_known_without_the_systems_data(tmp_path: Path, name: str) -> None:
    system(tmp_path, None)
    zone_data.use_newest()
    assert digest_times.zone_of(name) is not None
    assert name in zoneinfo.available_timezones()


@pytest.mark.parametrize(
    ("version", "old"),
    [
        (ZoneData(2025, "b"), True),
        (ZoneData(2024, "f"), True),
        (ZoneData(2026, "a"), False),
        (ZoneData(2026, "f"), False),
    ],
)
def test_old_data_is_told_from_new(version: ZoneData, old: bool) -> None:
    assert version.is_old(NOW) is old


def test_releases_are_in_the_order_in_which_they_came() -> None:
    assert ZoneData(2025, "c") < ZoneData(2026, "a") < ZoneData(2026, "b")
    assert str(ZoneData(2026, "b")) == "2026b"
