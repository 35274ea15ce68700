"""The starter packs that come with the program: their files, and how the configuration's own come before them."""

import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bot.config import starter_packs
from bot.config.settings import Config, GuildsSettings, Pack
from bot.i18n.translation import languages, speaking
from bot.services.sources.starter_packs import texts_of
from bot.url_normalisation import canonical

FILES = sorted(starter_packs.FOLDER.glob("*.toml"))


def test_there_are_enough_in_english_and_german() -> None:
    assert len(FILES) >= 10
    german = [pack for pack in starter_packs.shipped() if "in German" in pack.description or "German" in pack.name]
    assert len(german) >= 2


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_pack_has_feeds_and_texts_in_every_language_that_fit_into_discords_menus(file: Path) -> None:
    pack = Pack(**tomllib.loads(file.read_text(encoding="utf-8")))
    assert len(pack.feeds) >= 5
    assert all(urlsplit(feed).scheme == "https" and "." in (urlsplit(feed).hostname or "") for feed in pack.feeds)
    assert set(pack.in_language) == set(languages()) - {"en"}
    for language in languages():
        with speaking(language):
            texts = texts_of(pack)
        assert 0 < len(texts.name) <= 50, "it is the name of a topic, too"
        assert 0 < len(texts.description) <= 100


def test_no_feed_and_no_name_is_there_twice() -> None:
    feeds = [canonical(feed) for pack in starter_packs.shipped() for feed in pack.feeds]
    assert len(feeds) == len(set(feeds))
    for language in languages():
        with speaking(language):
            names = [texts_of(pack).name.casefold() for pack in starter_packs.shipped()]
        assert len(names) == len(set(names))


def test_they_are_data_of_the_package() -> None:
    root = starter_packs.FOLDER.parents[1]
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    assert "packs/*.toml" in project["tool"]["setuptools"]["package-data"]["bot"]


def test_the_configurations_own_come_first_and_replace_a_namesake() -> None:
    own = (
        Pack(name="security", feeds=("https://mine.example/feed",)),
        Pack(name="Cats", feeds=("https://c.example/f",)),
    )
    offered = starter_packs.offered(Config(packs=own))
    assert offered[:2] == own
    assert [pack.name.casefold() for pack in offered].count("security") == 1
    assert len(offered) == len(FILES) + 1


def test_they_can_be_left_out() -> None:
    assert starter_packs.offered(Config(guilds=GuildsSettings(shipped_packs=False))) == ()
