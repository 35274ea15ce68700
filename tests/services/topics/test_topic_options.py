"""What people type for times, zones and lengths: read as meant, or refused with what to do."""

import pytest

from bot.errors import UserError
from bot.model import TopicOptions
from bot.services.topics import topic_options


@pytest.mark.parametrize(
    ("typed", "minute"),
    [("8", 480), ("08:00", 480), ("8.30", 510), ("21h15", 1275), (" 0:00 ", 0), ("24:00", 0), ("23:59", 1439)],
)
def test_a_time_of_the_day_is_read_as_people_write_it(typed: str, minute: int) -> None:
    assert topic_options.read_clock(typed) == minute


@pytest.mark.parametrize("typed", ["", "25", "8:60", "24:01", "noon", "-1", "8:5", "²"])
def test_what_is_no_time_is_refused(typed: str) -> None:
    with pytest.raises(UserError, match="Write it like 08:00"):
        topic_options.read_clock(typed)


@pytest.mark.parametrize(
    ("typed", "hours"),
    [
        ("22:00-07:00", (1320, 420)), ("22 – 7", (1320, 420)), ("9 to 17", (540, 1020)),  # noqa: RUF001 - a dash is meant
        ("off", (None, None)), ("", (None, None)), ("None", (None, None)),
    ],
)  # fmt: skip
def test_quiet_hours_are_read_as_people_write_them(typed: str, hours: tuple[int | None, int | None]) -> None:
    assert topic_options.read_quiet(typed) == hours


@pytest.mark.parametrize(("typed", "zone"), [("europe/berlin", "Europe/Berlin"), ("America/New York", "America/New_York"), ("utc", "UTC")])  # fmt: skip
def test_a_zone_is_found_whatever_its_case(typed: str, zone: str) -> None:
    assert topic_options.read_zone(typed) == zone


def test_places_are_suggested_before_anything_else() -> None:
    assert topic_options.suggest_zones("toky", 3) == ("Asia/Tokyo",)
    assert len(topic_options.suggest_zones("", 25)) == 25


@pytest.mark.parametrize("typed", ["many", "", "-3", "1501", "1e2"])
def test_an_excerpt_is_a_number_within_bounds(typed: str) -> None:
    with pytest.raises(UserError, match="between 0"):
        topic_options.read_excerpt(typed)
    assert topic_options.read_excerpt("1500") == 1500


def test_options_that_do_not_fit_are_refused_whoever_gives_them() -> None:
    assert topic_options.changed(TopicOptions(), {"excerpt": 5, "zone": "Asia/Tokyo"}).excerpt == 5
    for wrong in ({"excerpt": 9000}, {"zone": "Atlantis"}):
        with pytest.raises(UserError):
            topic_options.changed(TopicOptions(), wrong)
