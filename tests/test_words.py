"""Texts in the reader's language."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.i18n import translation
from bot.i18n.translation import _, many, retold, speak, speaking

HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
GERMAN = (
    HEAD + 'msgid "Good {part}."\nmsgstr "{part}, guten!"\n\n'
    'msgid "The host said {code} to {whom}."\nmsgstr "Der Host sagte {whom}: {code}."\n\n'
    'msgid "Links"\nmsgstr "Verweise"\n\nmsgctxt "command"\nmsgid "Links"\nmsgstr "verweise"\n\n'
    'msgid "{n} cat"\nmsgid_plural "{n} cats"\nmsgstr[0] "{n} Katze"\nmsgstr[1] "{n} Katzen"\n'
)


@pytest.fixture
def german(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "de.po").write_text(GERMAN, encoding="utf-8")
    monkeypatch.setattr(translation, "FOLDER", tmp_path)
    forget()
    yield
    forget()


def forget() -> None:
    for remembered in (translation.catalogue, translation._templates, translation._locale, translation.languages):
        remembered.cache_clear()


@pytest.mark.usefixtures("german")
def test_a_text_is_in_the_readers_language_inside_the_block_and_english_after_it() -> None:
    with speaking("de"):
        assert _("Good {part}.").format(part="Morgen") == "Morgen, guten!"
    assert _("Good {part}.").format(part="morning") == "Good morning."


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize(("count", "said"), [(1, "1 Katze"), (0, "0 Katzen"), (1234, "1.234 Katzen")])
def test_a_count_decides_on_the_form(count: int, said: str) -> None:
    with speaking("de"):
        assert many("{n} cat", "{n} cats", count) == said


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize(
    ("language", "said"), [("de-AT", "x, guten!"), ("fr", "Good x."), ("../de", "Good x."), (None, "Good x.")]
)
def test_a_regions_language_falls_back_on_its_main_one_and_an_unknown_one_on_english(
    language: str | None, said: str
) -> None:
    with speaking(language):
        assert _("Good {part}.").format(part="x") == said


@pytest.mark.usefixtures("german")
def test_a_text_that_is_not_translated_stays_english() -> None:
    with speaking("en"):
        speak("de")
        assert _("Untranslated") == "Untranslated"


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize(
    ("stored", "said"),
    [
        ("The host said 404 to {me}.", "Der Host sagte {me}: 404."),
        ("The host said Links, Links to x.", "Der Host sagte x: Verweise, Verweise."),
        ("Links", "Verweise"),
        ("Something else.", "Something else."),
        ("", ""),
    ],
)
def test_what_was_stored_in_english_is_recognised_and_its_values_stay(stored: str, said: str) -> None:
    with speaking("de"):
        assert retold(stored) == said
    assert retold(stored) == stored


@pytest.mark.usefixtures("german")
def test_a_command_has_a_name_of_its_own_beside_the_text_of_the_same_letters() -> None:
    assert translation.named(translation.COMMAND, "Links", "de") == "verweise"
    assert translation.named(translation.OPTION, "Links", "de") is None
    assert translation.named(translation.COMMAND, "Links", "en-US") is None


@pytest.mark.usefixtures("german")
def test_the_languages_are_those_of_the_files_as_they_call_themselves() -> None:
    assert translation.languages() == {"de": "Deutsch", "en": "English"}


@pytest.mark.usefixtures("german")
def test_a_language_is_named_in_the_readers_and_one_that_is_not_spoken_is_english() -> None:
    assert [translation.name_of(each) for each in ("de-AT", "fr", None)] == ["German", "English", "English"]
    with speaking("de"):
        assert [translation.name_of(each) for each in ("de", "en-US")] == ["Deutsch", "Englisch"]
