"""What people see is marked for translation."""

import pytest

from scripts import unmarked


def test_no_text_that_is_shown_is_left_unmarked() -> None:
    assert list(unmarked.everywhere()) == []


@pytest.mark.parametrize(
    "source",
    [
        'raise UserError("No such thing.")',
        'await say(interaction, f"Gone: {name}")',
        'discord.Embed(title=title, description="Nothing" if empty else text)',
        'embed.set_footer(text="page " + number)',
        '@discord.ui.button(label="Newer")\ndef newer(): ...',
    ],
)
def test_a_text_that_is_shown_as_it_is_written_is_found(source: str) -> None:
    assert len(list(unmarked.unmarked(source))) == 1


@pytest.mark.parametrize(
    "source",
    [
        'raise UserError(_("No such thing."))',
        'await say(interaction, _("Gone: {name}").format(name=name))',
        'discord.Embed(title=f"{name} · {number}", description=f"**{name}** `/topic list` <{link}>")',
        'log.warning("a sentence for the log")',
        'discord.ui.Button(label="⏮", custom_id="riverpost:first")',
    ],
)
def test_what_is_marked_or_says_nothing_is_left_alone(source: str) -> None:
    assert list(unmarked.unmarked(source)) == []
