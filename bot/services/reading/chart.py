"""A picture of articles per week and source: stacked bars with a legend. Pure; about 40 ms, so not for the event loop.

It has a ground of its own, dark enough for Discord's dark theme and quiet on the light one, and colours that people who
see few colours can tell apart. Names that the font cannot write are left to the text beside the picture: the legend has
its numbers.
"""

import io
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache

from PIL import Image, ImageDraw, ImageFont

from bot.model import WeeklySource

WIDTH, HEIGHT = 1100, 560
MAX_SERIES = 8
"""Sources with a colour of their own; the rest is one more."""
GROUND, TEXT, QUIET, GRID = "#2b2d31", "#f2f3f5", "#b5bac1", "#4e5058"
COLOURS = ("#56b4e9", "#e69f00", "#2fc79a", "#f0e442", "#d98cb8", "#f0783c", "#8fa8ff", "#c5e1a5")
REST = "#8a9099"
LEFT, TOP, BOTTOM, LEGEND = 84, 78, 64, 330
MAX_NAME = 17
GRID_LINES = 4
# What the font lacks and everybody reads without.
_PLAIN = str.maketrans({"\u2013": "-", "\u2014": "-", "ß": "ss"})
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def draw(title: str, sources: Sequence[WeeklySource], *, until: datetime, rest: str) -> bytes:
    """A PNG of these sources, the busiest first, all with equally many weeks.

    Args:
        until: the end of the last week.
        rest: what the sources beyond the first few are called together.
    """
    series = _series(sources, rest)
    image = Image.new("RGB", (WIDTH, HEIGHT), GROUND)
    pen = ImageDraw.Draw(image)
    pen.text((LEFT, 22), _writable(title, 50) or "", font=_font(30), fill=TEXT)
    weeks = len(series[0][1]) if series else 0
    top = nice(max((sum(articles[week] for _, articles, _ in series) for week in range(weeks)), default=0))
    _grid(pen, top)
    _bars(pen, series, weeks, top)
    _weeks(pen, weeks, until)
    for place, (name, articles, colour) in enumerate(series):
        y = TOP + 6 + place * 46
        pen.rounded_rectangle((WIDTH - LEGEND + 24, y, WIDTH - LEGEND + 46, y + 22), 5, fill=colour)
        pen.text((WIDTH - LEGEND + 58, y - 3), name, font=_font(22), fill=TEXT)
        pen.text((WIDTH - 24, y - 3), f"{sum(articles):,}", font=_font(22), fill=QUIET, anchor="ra")
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def nice(most: int) -> int:
    """The top of the scale: at least `most`, and a number of which each of the grid's parts is whole."""
    step = 1
    while True:
        for factor in (1, 2, 5):
            if GRID_LINES * step * factor >= most:
                return GRID_LINES * step * factor
        step *= 10


def _series(sources: Sequence[WeeklySource], rest: str) -> list[tuple[str, tuple[int, ...], str]]:
    """Label, articles and colour of each layer, the lowest first."""
    many = len(sources) > MAX_SERIES
    own = sources[: MAX_SERIES - 1] if many else sources
    found = []
    for number, (source, colour) in enumerate(zip(own, COLOURS, strict=False), start=1):
        name = _writable(source.name, MAX_NAME)
        found.append((f"{number}  {name}" if name else f"{number}", source.articles, colour))
    if many:
        others = tuple(sum(column) for column in zip(*(each.articles for each in sources[len(own) :]), strict=True))
        found.append((_writable(rest, MAX_NAME) or "…", others, REST))
    return found


def _grid(pen: ImageDraw.ImageDraw, top: int) -> None:
    for part in range(GRID_LINES + 1):
        value, y = top * part // GRID_LINES, _y(top * part // GRID_LINES, top)
        pen.line((LEFT, y, WIDTH - LEGEND, y), fill=GRID, width=2 if part == 0 else 1)
        pen.text((LEFT - 14, y), f"{value:,}", font=_font(22), fill=QUIET, anchor="rm")


def _bars(pen: ImageDraw.ImageDraw, series: Sequence[tuple[str, tuple[int, ...], str]], weeks: int, top: int) -> None:
    for week in range(weeks):
        left, right = _x(week + 0.16, weeks), _x(week + 0.84, weeks)
        below = 0
        for _, articles, colour in series:
            if articles[week]:
                upper, lower = _y(below + articles[week], top), _y(below, top)
                # A thin line between layers, and never less than a pixel of one.
                pen.rectangle((left, upper, right, max(upper, lower - 2)), fill=colour)
                below += articles[week]


def _weeks(pen: ImageDraw.ImageDraw, weeks: int, until: datetime) -> None:
    """The first day of every second week, or of each where few are shown."""
    every = 2 if weeks > 8 else 1
    for week in range(weeks):
        if (weeks - 1 - week) % every == 0:
            first = until - timedelta(days=7 * (weeks - week))
            label = f"{first:%m-%d}"
            pen.text((_x(week + 0.5, weeks), HEIGHT - BOTTOM + 12), label, font=_font(20), fill=QUIET, anchor="ma")


def _x(week: float, weeks: int) -> float:
    return LEFT + (WIDTH - LEGEND - LEFT) * week / max(1, weeks)


def _y(value: float, top: int) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * value / top


@cache
def _font(size: int) -> Font:
    return ImageFont.load_default(size)


@cache
def _is_writable(character: str) -> bool:
    font = _font(22)
    missing = font.getmask("\U0010fffd")
    shown = font.getmask(character)
    return character.isspace() or (shown.size, bytes(shown)) != (missing.size, bytes(missing))


def _writable(name: str, longest: int) -> str | None:
    """The name in one line, cut, or None where the font has not all of its letters."""
    line = " ".join(unicodedata.normalize("NFC", name).translate(_PLAIN).split())
    line = line if len(line) <= longest else line[: longest - 1].rstrip(" -") + "…"
    letters = [character if _is_writable(character) else _without_accent(character) for character in line]
    return "".join(letters) if line and all(_is_writable(character) for character in letters) else None


def _without_accent(character: str) -> str:
    return unicodedata.normalize("NFD", character)[0]
