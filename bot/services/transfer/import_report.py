"""How an import is told of: in a message, in a file beside it, and on a terminal. Pure."""

from collections.abc import Sequence

from bot.i18n.translation import _, many, retold
from bot.model import FailedItem, ImportReport, Tally

BAR = 20
SHORT = 800
"""Characters for failed feeds in a message, which may have 2,000 in all; more of them go into a file."""
NAMED = 8
"""Topics that are named in a message."""


def progress(tally: Tally) -> str:
    """How far an import is, with a bar, in two lines; in a third when it goes on, should it wait."""
    full = BAR * tally.done // tally.total if tally.total else BAR
    bar = "▰" * full + "▱" * (BAR - full)
    share = 100 * tally.done // tally.total if tally.total else 100
    counted = _("{done} of {total} feeds looked at").format(done=f"{tally.done:,}", total=f"{tally.total:,}")
    lines = [f"{bar} {share} %", f"{counted} · {counts(tally)}"]
    if tally.goes_on_at is not None:
        moment = f"<t:{int(tally.goes_on_at.timestamp()) + 1}:R>"
        lines.append(
            _("This server has had as many hosts asked as it may within a day. It goes on {moment}.").format(
                moment=moment
            )
        )
    return "\n".join(lines)


def counts(tally: Tally) -> str:
    """What became of those that were looked at."""
    return " · ".join(
        [
            many("{n} followed now", "{n} followed now", tally.followed),
            many("{n} followed before", "{n} followed before", tally.already),
            many("{n} failed", "{n} failed", tally.failed),
        ]
    )


def outcome(report: ImportReport, topics: Sequence[str]) -> str:
    """What came of an import, in sentences; the failed feeds are to follow.

    Args:
        topics: the names of those that follow something now, as they are to be shown.
    """
    failed = report.tally.failed
    last = [many("{n} feed could not be followed:", "{n} feeds could not be followed:", failed)] if failed else []
    return "\n".join([*_followed(report, topics), *last])


def summary(report: ImportReport, topics: Sequence[str]) -> str:
    """As `outcome`, but where the failed feeds do not fit into a message it says that a file names them."""
    if fits(report):
        return outcome(report, topics)
    last = many(
        "{n} feed could not be followed; the file says why.",
        "{n} feeds could not be followed; the file names each and says why.",
        report.tally.failed,
    )
    return "\n".join([*_followed(report, topics), last])


def _followed(report: ImportReport, topics: Sequence[str]) -> list[str]:
    tally = report.tally
    named = ", ".join(topics[:NAMED]) + (" …" if len(topics) > NAMED else "")
    said = []
    if tally.followed:
        said += [
            many(
                "{n} feed is followed now in {topics}.", "{n} feeds are followed now in {topics}.", tally.followed
            ).replace("{topics}", named),
            _("What they list already is not posted, only what they publish from now on."),
        ]
    else:
        said.append(_("No feed was added."))
    if report.unchecked:
        said.append(
            many(
                "{n} of them could not be looked at yet, since its host asked for patience; it is tried again by itself.",
                "{n} of them could not be looked at yet, since their hosts asked for patience; "
                "they are tried again by themselves.",
                report.unchecked,
            )
        )
    if tally.already:
        said.append(many("{n} feed was followed before.", "{n} feeds were followed before.", tally.already))
    return said


def fits(report: ImportReport) -> bool:
    """Whether the failed feeds are told in the message itself."""
    return sum(len(failure(each)) + 10 for each in report.failed) <= SHORT


def failures_file(report: ImportReport) -> bytes:
    """Every failed feed, with address, topic and reason; plain text, UTF-8."""
    head = many(
        "{n} feed of this list is not followed. To try it again, import the same file again: "
        "what is followed already is left as it is.",
        "{n} feeds of this list are not followed. To try them again, import the same file again: "
        "what is followed already is left as it is.",
        report.tally.failed,
    )
    return "\n\n".join([head, *(failure(each) for each in report.failed), ""]).encode()


def failure(item: FailedItem) -> str:
    """A failed feed in three lines."""
    lines = [item.title or item.url, f"  {item.url}", f"  {', '.join(item.topics)}: {retold(item.problem)}"]
    return "\n".join(lines if item.title else lines[:1] + lines[2:])
