r"""Filters: which articles a topic wants, in a small language that anybody can write. Pure.

    kubernetes (security OR "zero day") -sponsored title:release* author:"Ada L." /CVE-\d{4}-\d+/

Words stand for whole words whatever their case and accents; where words have no spaces between them, for a part of the
text. An empty filter wants everything. `filter_syntax` reads it, `filter_terms` judges, `filter_patterns` keeps regular
expressions quick.
"""

import functools
from dataclasses import dataclass

from bot.filters import regex, syntax
from bot.filters.terms import Field, Node, Not, Pattern, Prepared, Sight, terms
from bot.model import Readable

__all__ = ["Decision", "Field", "Filter", "Prepared", "parse", "parse_kept"]

MAX_TERM = 100


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether an article is wanted, and why."""

    wanted: bool
    term: str = ""
    """The term that decided, as it is written in a filter, shortened; empty where none did, as in an empty filter."""
    found: bool = False
    """Whether something was found that decided; else something was missing, or nothing stood against it."""
    where: Field | None = None
    """Where it was found."""


ALL = Decision(wanted=True)


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter that was read. `str()` writes it so that reading it again gives the same."""

    root: Node | None = None
    reach: int = 0

    def decide(self, article: Readable | Prepared) -> Decision:
        """Whether the article is wanted. Give a `Prepared` where several filters judge one article."""
        if self.root is None:
            return ALL
        prepared = article if isinstance(article, Prepared) else Prepared(article)
        verdict = self.root.judge(Sight(prepared, self.reach))
        if verdict.by is None:
            return Decision(verdict.holds)
        found = verdict.holds or isinstance(verdict.by, Not)
        return Decision(verdict.holds, _shortened(str(verdict.by)), found, verdict.where)

    def __bool__(self) -> bool:
        return self.root is not None

    def __str__(self) -> str:
        return str(self.root) if self.root is not None else ""


def parse(text: str) -> Filter:
    """Read a filter.

    Raises:
        FilterError: it cannot be read; the message points at the place and says what to do.
    """
    root = syntax.read(text)
    if root is None:
        return Filter()
    sizes = [regex.size(term.compiled) for term in terms(root) if isinstance(term, Pattern)]
    return Filter(root, regex.reach(sum(sizes)))


@functools.lru_cache(2048)
def parse_kept(text: str) -> Filter:
    """`parse`, remembering the filters that were asked for last: those that are stored are used all the time."""
    return parse(text)


def _shortened(term: str) -> str:
    return term if len(term) <= MAX_TERM else term[: MAX_TERM - 1].rstrip() + "…"
