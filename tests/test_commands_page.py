"""docs/commands.md says what the commands say."""

from scripts import commands


def test_the_page_is_what_the_commands_say() -> None:
    written = commands.PAGE.read_text(encoding="utf-8")
    assert written == commands.page(), "write it anew: python -m scripts.commands"


def test_every_command_has_a_section_with_its_options() -> None:
    page = commands.page()
    assert "### /topic create\n\nMake a topic whose articles are posted in a channel. Needs Manage Channels.\n" in page
    assert "| `topic` | text, may be left out | Only this topic |" in page
    assert "Also in private messages." in page
