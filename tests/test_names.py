"""No name has a word of the vocabulary that was left behind; `scripts/check` says so too."""

from pathlib import Path

import pytest

from scripts import names


def test_no_name_has_a_banned_word() -> None:
    assert names.problems() == []


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("bot/store/upkeep.py", "", "bot/store/upkeep.py: "),
        ("bot/upkeep/__init__.py", "", "bot/upkeep/__init__.py: "),
        ("cogs/utils.py", "", "cogs/utils.py: "),
        ("bot/a.py", "x = 1\nclass HostGate:\n    pass", "bot/a.py:2: "),
        ("bot/a.py", "class A:\n    async def do_upkeep(self):\n        pass", "bot/a.py:2: "),
        ("bot/a.py", "\nMAX_LOOKUPS = 3", "bot/a.py:2: "),
        ("bot/a.py", "MAX_LOOKUPS: int = 3", "bot/a.py:1: "),
    ],
)
def test_a_banned_word_is_found_wherever_a_name_is_given(tmp_path: Path, path: str, text: str, expected: str) -> None:
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / path).write_text(text)
    [found] = names.problems(tmp_path)
    assert found.startswith(expected)
    assert ": say " in found


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("bot/maintenance.py", "MAX_ROWS = 3\ndef keep_up(): gate = 1"),
        ("bot/investigate.py", "class Aggregate: pass"),
        ("bot/migrations/versions/0001_upkeep.py", ""),
        ("tests/upkeep.py", "class HostGate: pass"),
    ],
)
def test_parts_of_words_local_names_and_applied_migrations_are_left_alone(tmp_path: Path, path: str, text: str) -> None:
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / path).write_text(text)
    assert names.problems(tmp_path) == []
