"""What people type into a search box, as an FTS5 expression that is never a syntax error. Pure.

    kubernetes gateway     both words
    "anycast routing"      the words in this order
    cat OR dog             either; it binds its neighbours, as in other search boxes
    -sponsored             without this word; also -"a phrase"
    net*                   words that begin so, from 3 letters on

Everything else means nothing: brackets, colons, FTS5's own operators, quotation marks without a partner.
"""

import re
import unicodedata
from dataclasses import dataclass

MAX_TERMS = 12
MAX_TERM = 12
"""Words of a phrase, or of what is written as one word, like an address."""
MIN_BEGINNING = 3

_PIECE = re.compile(r'(?P<not>-)?(?:["“”„](?P<phrase>[^"“”„]*)["“”„]?|(?P<word>[^\s"“”„]+))')


@dataclass(frozen=True, slots=True)
class Term:
    """Words that must stand one after the other."""

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


def words_in(text: str) -> list[str]:
    """The words as the index has them, but for case and accents: letters and digits, with the marks that they bear."""
    words = "".join(character if _in_word(character) else " " for character in text).split()
    return [word for word in words if any(unicodedata.combining(character) == 0 for character in word)]


def _term(text: str, *, is_word: bool) -> Term | None:
    words = tuple(words_in(text)[:MAX_TERM])
    if not words:
        return None
    return Term(words, is_word and text.endswith("*") and len(words[-1]) >= MIN_BEGINNING)


def _in_word(character: str) -> bool:
    # Not the private use area, though the index takes it for letters: its own words for feeds are made of that.
    return unicodedata.category(character)[0] in "LN" or unicodedata.combining(character) != 0


def _either(terms: tuple[Term, ...]) -> str:
    return terms[0].expression if len(terms) == 1 else f"({' OR '.join(term.expression for term in terms)})"
