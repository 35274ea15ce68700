"""Charts: pictures of the right size with a bar's height by its number, whatever the names."""

import io
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.model import WeeklySource
from bot.services.reading import chart

UNTIL = datetime(2026, 11, 24, tzinfo=UTC)


def picture(*sources: WeeklySource, title: str = "News") -> Image.Image:
    image = Image.open(io.BytesIO(chart.draw(title, sources, until=UNTIL, rest="others")))
    assert (image.format, image.size) == ("PNG", (chart.WIDTH, chart.HEIGHT))
    return image.convert("RGB")


def pixels(image: Image.Image, colour: str) -> int:
    """How many pixels of the bars have this colour; the legend does not count."""
    wanted = tuple(int(colour[place : place + 2], 16) for place in (1, 3, 5))
    bars = image.crop((0, 0, chart.WIDTH - chart.LEGEND, chart.HEIGHT))
    return sum(count for count, found in bars.getcolors(1_000_000) or [] if found == wanted)


def test_a_source_s_area_grows_with_its_articles() -> None:
    image = picture(WeeklySource(1, "A", (40, 40)), WeeklySource(2, "B", (10, 10)))
    large, small = pixels(image, chart.COLOURS[0]), pixels(image, chart.COLOURS[1])
    assert large / small == pytest.approx(4, rel=0.1)
    assert pixels(image, chart.REST) == 0


def test_what_is_beyond_the_colours_is_drawn_together() -> None:
    image = picture(*(WeeklySource(n, f"Blog {n}", (5, 5)) for n in range(12)))
    assert all(pixels(image, colour) for colour in chart.COLOURS[:7])
    assert pixels(image, chart.COLOURS[7]) == 0
    assert pixels(image, chart.REST) / pixels(image, chart.COLOURS[0]) == pytest.approx(5, rel=0.1)


@pytest.mark.parametrize(
    ("most", "top"), [(0, 4), (3, 4), (4, 4), (5, 8), (9, 20), (160, 200), (201, 400), (1999, 2000)]
)
def test_the_scale_ends_at_a_round_number(most: int, top: int) -> None:
    assert chart.nice(most) == top


@given(st.integers(0, 10**7))
def test_the_scale_always_has_room_and_whole_parts(most: int) -> None:
    top = chart.nice(most)
    assert top >= most
    assert top % chart.GRID_LINES == 0


def test_names_that_the_font_cannot_write_are_left_to_the_text() -> None:
    assert chart._writable("Möbius & Söhne", 20) == "Mobius & Sohne"
    assert chart._writable("日本語ブログ", 20) is None
    assert chart._writable("A blog with a very long name", 12) == "A blog with…"


@settings(max_examples=15, deadline=None)
@given(
    st.text(max_size=80),
    st.lists(st.tuples(st.text(max_size=60), st.lists(st.integers(0, 10**6), min_size=12, max_size=12)), max_size=12),
)
def test_any_names_and_numbers_can_be_drawn(title: str, sources: list[tuple[str, list[int]]]) -> None:
    picture(*(WeeklySource(n, name, tuple(articles)) for n, (name, articles) in enumerate(sources)), title=title)
