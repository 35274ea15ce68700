"""Stored filters at work."""

import structlog.testing

from bot.filters import evaluate
from bot.model import Filters, FilterScope, Rejection, Text

ARTICLE = Text("Cloud and rain", "", None, ())


def test_each_filter_is_answered_in_its_place() -> None:
    asked = [
        Filters(),
        Filters("cloud"),
        Filters("sun"),
        Filters("cloud", "-rain"),
        Filters("sun"),
        Filters(None, "rain"),
    ]
    topic, source = Rejection(FilterScope.TOPIC, "sun", False), Rejection(FilterScope.SOURCE, "-rain", True)
    assert evaluate.judge(ARTICLE, asked) == [None, None, topic, source, topic, None]


def test_a_stored_filter_that_cannot_be_read_wants_everything_and_is_logged() -> None:
    with structlog.testing.capture_logs() as lines:
        assert evaluate.judge(ARTICLE, [Filters("(broken")]) == [None]
    [line] = lines
    assert (line["log_level"], line["filter"]) == ("error", "(broken")
    assert evaluate.judge(ARTICLE, [Filters("(broken", "sun")]) == [Rejection(FilterScope.SOURCE, "sun", False)]
