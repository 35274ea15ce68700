"""skipHours and skipDays of RSS."""

import pytest

from bot.feeds.parsing import skip_times
from bot.feeds.parsing.feed_parser import read
from bot.model import Timetable

FEED = '<rss version="2.0"><channel><title>A blog</title>{}<item><title>{}</title></item>{}</channel></rss>'
HOURS = "<skipHours><hour>0</hour><hour> 7 </hour><hour>24</hour><hour>99</hour><hour>x</hour></skipHours>"
DAYS = "<skipDays>\n<day>Saturday</day>\n<day>sunday</day><day>Someday</day></skipDays>"


@pytest.mark.parametrize("place", ["before the items", "after the items"])
def test_the_document_says_when_not_to_ask(place: str) -> None:
    before = place == "before the items"
    document = FEED.format(HOURS + DAYS if before else "", "An article", "" if before else HOURS + DAYS).encode()
    parsed = read(document, "https://blog.example/feed", None)
    assert parsed.timetable == Timetable(skip_hours=frozenset({0, 7}), skip_days=frozenset({5, 6}))


def test_a_feed_without_them_may_always_be_asked() -> None:
    parsed = read(FEED.format("", "An article", "").encode(), "https://blog.example/feed", None)
    assert (parsed.skip_hours, parsed.skip_days) == (frozenset(), frozenset())


def test_what_an_article_says_is_not_what_the_feed_says() -> None:
    quoted = FEED.format("", f"<![CDATA[{HOURS}{DAYS}]]>", "").encode()
    assert (skip_times.hours(quoted), skip_times.days(quoted)) == (frozenset(), frozenset())


def test_a_feed_that_names_every_hour_or_day_is_not_taken_at_its_word() -> None:
    hours = "".join(f"<hour>{hour}</hour>" for hour in range(24))
    days = "".join(f"<day>{day}</day>" for day in skip_times.DAYS)
    document = f"<rss><channel><skipHours>{hours}</skipHours><skipDays>{days}</skipDays></channel></rss>".encode()
    assert (skip_times.hours(document), skip_times.days(document)) == (frozenset(), frozenset())
