"""The starter packs that come with the program, one file each in `bot/packs`, and those of the configuration before them."""

import functools
import tomllib
from pathlib import Path

from bot.config.settings import Config, Pack

FOLDER = Path(__file__).parents[1] / "packs"


@functools.cache
def shipped() -> tuple[Pack, ...]:
    """In the order of the files' names."""
    files = sorted(FOLDER.glob("*.toml"))
    return tuple(Pack(**tomllib.loads(file.read_text(encoding="utf-8"))) for file in files)


def offered(config: Config) -> tuple[Pack, ...]:
    """The configuration's own, then those that come with the program; one of the configuration replaces its namesake."""
    if not config.guilds.shipped_packs:
        return config.packs
    own = {pack.name.casefold() for pack in config.packs}
    return (*config.packs, *(pack for pack in shipped() if pack.name.casefold() not in own))
