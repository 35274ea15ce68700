"""How much sources publish."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WeeklySource:
    """A source with its articles week by week, the oldest week first."""

    feed_id: int
    name: str
    articles: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(self.articles)
