"""What a filter is made of: its terms, how they are combined, printed, and which of them decides. Pure."""

import enum
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bot.model import Readable
from bot.words.folding import contains, words

QUOTES = '"“”„«»'
MINUSES = "-\N{EN DASH}\N{MINUS SIGN}"
ENDS = f"()|{QUOTES}"
"""What a word ends at, besides a space."""
OPERATORS = frozenset({"or", "and", "not"})

MAX_TITLE = 1_000
MAX_TEXT = 10_000
MAX_NAME = 200
MAX_CATEGORIES = 30
"""Characters, and categories, of an article that are compared; what is beyond is not seen."""


class Field(enum.StrEnum):
    """Where a term is looked for."""

    TITLE = "title"
    TEXT = "text"
    AUTHOR = "author"
    CATEGORY = "category"


class Prepared:
    """An article made ready for comparing, so that many filters can read it at the cost of once."""

    __slots__ = ("_encoded", "_folded", "_parts")

    def __init__(self, article: Readable) -> None:
        self._parts: dict[Field, tuple[str, ...]] = {
            Field.TITLE: (article.title[:MAX_TITLE],),
            Field.TEXT: (article.text[:MAX_TEXT],),
            Field.AUTHOR: ((article.author or "")[:MAX_NAME],),
            Field.CATEGORY: tuple(name[:MAX_NAME] for name in article.categories[:MAX_CATEGORIES]),
        }
        self._folded: dict[Field, str] = {}
        self._encoded: dict[Field, tuple[bytes, ...]] = {}

    def folded(self, part: Field) -> str:
        """The words of a field; no phrase reaches from one category into the next."""
        if part not in self._folded:
            self._folded[part] = " \n ".join(map(words, self._parts[part]))
        return self._folded[part]

    def encoded(self, part: Field) -> tuple[bytes, ...]:
        """A field for finding patterns, as UTF-8; each category for itself."""
        if part not in self._encoded:
            self._encoded[part] = tuple(each.encode("utf-8", "replace") for each in self._parts[part])
        return self._encoded[part]


@dataclass(slots=True)
class Sight:
    """One article as one filter sees it."""

    article: Prepared
    reach: int
    """Bytes that each pattern may read in all, see `filter_patterns`."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a part of a filter says of an article, and the term that made it say so."""

    holds: bool
    by: "Node | None" = None
    """None where nothing special did: what was to be absent is absent."""
    where: Field | None = None
    """Where `by` was found."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word or phrase, as it was written."""

    raw: str
    part: Field | None = None
    """None looks everywhere."""
    open_left: bool = False
    open_right: bool = False
    folded: str = field(default="", compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "folded", words(self.raw))

    def judge(self, sight: Sight) -> Verdict:
        for part in _parts(self.part):
            text = sight.article.folded(part)
            if contains(text, self.folded, open_left=self.open_left, open_right=self.open_right):
                return Verdict(holds=True, by=self, where=part)
        return Verdict(holds=False, by=self)

    def __str__(self) -> str:
        shown = f'"{self.raw}"' if _needs_quotes(self.raw) else self.raw
        return f"{_prefix(self.part)}{'*' if self.open_left else ''}{shown}{'*' if self.open_right else ''}"


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression, without its slashes."""

    raw: str
    part: Field | None = None
    compiled: Any = field(default=None, compare=False, repr=False)
    """A pattern of RE2; the package has no types."""

    def judge(self, sight: Sight) -> Verdict:
        left = sight.reach
        for part in _parts(self.part):
            for text in sight.article.encoded(part):
                read = text[:left]
                left -= len(read)
                if self.compiled.search(read) is not None:
                    return Verdict(holds=True, by=self, where=part)
        return Verdict(holds=False, by=self)

    def __str__(self) -> str:
        return f"{_prefix(self.part)}/{self.raw}/"


@dataclass(frozen=True, slots=True)
class Not:
    child: "Node"

    def judge(self, sight: Sight) -> Verdict:
        found = self.child.judge(sight)
        if found.holds:
            return Verdict(holds=False, by=Not(found.by) if found.by is not None else self, where=found.where)
        # That something is absent decides nothing; that it is there does, where its absence was to be absent.
        if isinstance(found.by, Not):
            return Verdict(holds=True, by=found.by.child, where=found.where)
        return Verdict(holds=True)

    def __str__(self) -> str:
        return f"-{_grouped(self.child)}"


@dataclass(frozen=True, slots=True)
class And:
    children: tuple["Node", ...]

    def judge(self, sight: Sight) -> Verdict:
        best = Verdict(holds=True)
        for child in self.children:
            found = child.judge(sight)
            if not found.holds:
                return found
            if best.by is None:
                best = found
        return best

    def __str__(self) -> str:
        return " ".join(map(_grouped, self.children))


@dataclass(frozen=True, slots=True)
class Or:
    children: tuple["Node", ...]

    def judge(self, sight: Sight) -> Verdict:
        for child in self.children:
            found = child.judge(sight)
            if found.holds:
                return found
        return Verdict(holds=False, by=self)

    def __str__(self) -> str:
        return " OR ".join(f"({child})" if isinstance(child, Or) else str(child) for child in self.children)


Node = Word | Pattern | Not | And | Or


def terms(node: Node) -> Iterator[Word | Pattern]:
    """The words and patterns, from left to right."""
    match node:
        case Not(child):
            yield from terms(child)
        case And(children) | Or(children):
            for child in children:
                yield from terms(child)
        case _:
            yield node


def _parts(part: Field | None) -> tuple[Field, ...]:
    return (part,) if part is not None else tuple(Field)


def _prefix(part: Field | None) -> str:
    return f"{part}:" if part is not None else ""


def _grouped(node: Node) -> str:
    return f"({node})" if isinstance(node, And | Or) else str(node)


def _needs_quotes(raw: str) -> bool:
    """Whether it would be read as something else than this word."""
    return (
        any(character.isspace() or character in ENDS or character == "*" for character in raw)
        or raw[0] in f"{MINUSES}/"
        or raw.casefold() in OPERATORS
        or ":" in raw
    )
