"""Which data of time zones is used, and how old it is: the newer of the system's and of what comes with the bot.

Python asks the system first, whatever its age. A country's new rule would be missed there, and an image without the
system's data, or without its old names (`US/Central`), would not know a zone that a topic has.
"""

import re
import zoneinfo
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import tzdata

OLD = timedelta(days=365)
"""Several releases come in a year: with none of the last, some country's rule is surely missing."""
_VERSION = re.compile(r"(?:# version )?(\d{4})([a-z])\s*")
_FILES = ("tzdata.zi", "+VERSION")
_A_RELEASE = timedelta(days=60)
"""The letter of a version counts the releases of a year. Six are as many as a year has."""


@dataclass(frozen=True, slots=True, order=True)
class ZoneData:
    """A release of the IANA's data, such as 2026b."""

    year: int
    letter: str

    def __str__(self) -> str:
        return f"{self.year}{self.letter}"

    @property
    def released(self) -> datetime:
        """About when."""
        return datetime(self.year, 1, 1, tzinfo=UTC) + _A_RELEASE * (ord(self.letter) - ord("a"))

    def is_old(self, now: datetime) -> bool:
        """Whether newer releases are surely missed."""
        return now - self.released > OLD


def ours() -> ZoneData | None:
    """What comes with the bot; None where its version is not told."""
    return _read(tzdata.IANA_VERSION)


def of_system(folders: tuple[str, ...] | None = None) -> ZoneData | None:
    """What Python would ask first; None where there is none, or nobody tells its version."""
    for folder in zoneinfo.TZPATH if folders is None else folders:
        for name in _FILES:
            try:
                with (Path(folder) / name).open(encoding="utf-8", errors="replace") as file:
                    if (found := _read(file.readline())) is not None:
                        return found
            except OSError:
                continue
    return None


def newest() -> ZoneData | None:
    """The newer of both. What does not tell its version counts as older: it may be of any age."""
    return max((each for each in (of_system(), ours()) if each is not None), default=None)


def use_newest() -> ZoneData | None:
    """Have Python ask the newer data, for all that comes. What it is."""
    found = newest()
    if found is None or found != of_system():
        zoneinfo.reset_tzpath(to=())
        zoneinfo.ZoneInfo.clear_cache()
    return found


def _read(line: str) -> ZoneData | None:
    found = _VERSION.fullmatch(line)
    return ZoneData(int(found[1]), found[2]) if found else None
