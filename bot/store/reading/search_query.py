"""What people type into a search box, as an FTS5 expression that is never a syntax error. Pure.

    kubernetes gateway     both words
    "anycast routing"      the words in this order
    cat OR dog             either; it binds its neighbours, as in other search boxes
    -sponsored             without this word; also -"a phrase"
    net*                   words that begin so, from 3 letters on

Everything else means nothing: brackets, colons, FTS5's own operators, quotation marks without a partner.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.words.folding import is_bound, words

MAX_TERMS = 12
MAX_TERM = 100
"""Words of a phrase, or of what is written as one word, like an address or a Chinese name."""
MIN_BEGINNING = 3

_PIECE = re.compile(r'(?P<not>-)?(?:["“”„](?P<phrase>[^"“”„]*)["“”„]?|(?P<word>[^\s"“”„]+))')


@dataclass(frozen=True, slots=True)
class Term:
    """Words that must stand one after the other, as `bot.words.folding` makes them."""

    words: tuple[str, ...]
    beginning: bool = False
    """The last may go on."""

    @property
    def expression(self) -> str:
        return " + ".join(f'"{word}"' for word in self.words) + (" *" if self.beginning else "")


@dataclass(frozen=True, slots=True)
class Query:
    """What was understood."""

    wanted: tuple[tuple[Term, ...], ...]
    """Of each, one must occur."""
    unwanted: tuple[Term, ...] = ()

    @property
    def expression(self) -> str:
        """For MATCH; empty if nothing is wanted."""
        if not self.wanted:
            return ""
        wanted = " AND ".join(_either(terms) for terms in self.wanted)
        return f"({wanted}) NOT {_either(self.unwanted)}" if self.unwanted else f"({wanted})"

    @property
    def terms(self) -> tuple[Term, ...]:
        """All that is to be marked where it occurs."""
        return tuple(term for terms in self.wanted for term in terms)

    def loosened(self) -> "Query":
        """Every word of some length may go on: what to look for where the words themselves are not found."""
        wanted = tuple(
            tuple(Term(term.words, term.beginning or len(term.words[-1]) > MIN_BEGINNING) for term in terms)
            for terms in self.wanted
        )
        return Query(wanted, self.unwanted)

    def single_words(self) -> tuple[str, ...]:
        """The words that are wanted for themselves: in no phrase, and with no other to choose from."""
        return tuple(
            terms[0].words[0]
            for terms in self.wanted
            if len(terms) == 1 and len(terms[0].words) == 1 and not terms[0].beginning
        )

    def with_word(self, word: str, other: str) -> "Query":
        """The same with another in place of a single word."""
        wanted = tuple((Term((other,)),) if terms == (Term((word,)),) else terms for terms in self.wanted)
        return Query(wanted, self.unwanted)


def any_of(found: Iterable[str]) -> Query:
    """What has one of these words."""
    return Query((tuple(Term((word,)) for word in found),))


def parse(text: str) -> Query:
    """Understands every text."""
    wanted: list[list[Term]] = []
    unwanted: list[Term] = []
    either = False
    for piece in _PIECE.finditer(text):
        word = piece["word"]
        if word in {"OR", "|", "||"}:
            either = bool(wanted)
            continue
        if word in {"AND", "&", "&&"} or len(unwanted) + sum(map(len, wanted)) >= MAX_TERMS:
            continue
        term = _term(piece["phrase"] if word is None else word, is_word=word is not None)
        if term is None:
            continue
        if piece["not"]:
            unwanted.append(term)
        elif either:
            wanted[-1].append(term)
        else:
            wanted.append([term])
        either = False
    return Query(tuple(map(tuple, wanted)), tuple(unwanted))


def _term(text: str, *, is_word: bool) -> Term | None:
    found = tuple(words(text).split()[:MAX_TERM])
    if not found:
        return None
    return Term(found, is_word and text.endswith("*") and len(found[-1]) >= MIN_BEGINNING and is_bound(found[-1][-1]))


def _either(terms: tuple[Term, ...]) -> str:
    return terms[0].expression if len(terms) == 1 else f"({' OR '.join(term.expression for term in terms)})"
