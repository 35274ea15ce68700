"""What is told of an import fits where it is told."""

import discord
import pytest

from bot.model import FailedItem, ImportReport, Tally
from bot.services.transfer import import_report
from tests.builders import START


def report(failed: int, *, topics: int = 1, length: int = 60, followed: int = 3) -> ImportReport:
    items = tuple(
        FailedItem(f"https://blog.example/{n:0{length}}", f"Blog {n}", ("*" * 50,), "The host does not answer.")
        for n in range(failed)
    )
    names = tuple(f"{n:02}" + "*" * 48 for n in range(topics))
    return ImportReport(1, 1, 7, None, START, START, Tally(followed + failed, followed, 0, failed), names, items, 2)


@pytest.mark.parametrize("failed", [0, 1, 3, 4, 5, 6, 10, 500])
@pytest.mark.parametrize("topics", [1, 8, 50])
def test_a_report_fits_into_a_message_of_discord_s(failed: int, topics: int) -> None:
    told = report(failed, topics=topics)
    shown = [f"**{discord.utils.escape_markdown(name)}**" for name in told.topics]
    text = import_report.summary(told, shown)
    if told.failed and import_report.fits(told):
        text += "\n" + "\n".join(import_report.failure(each) for each in told.failed)
    assert len(text) <= 2000
    assert ("the file names each" in text) == (failed > 4)


def test_a_bar_is_as_long_as_what_is_done() -> None:
    for done, full in ((0, 0), (1, 2), (5, 10), (10, 20)):
        assert import_report.progress(Tally(10, followed=done)).count("▰") == full


def test_one_and_many_are_said_rightly() -> None:
    assert import_report.summary(report(0, followed=1), ["News"]).startswith("1 feed is followed now in News.")
    assert import_report.summary(report(0), ["News"]).startswith("3 feeds are followed now in News.")
    assert import_report.outcome(report(500), ["News"]).endswith("500 feeds could not be followed:")
