"""Words, names and numbers of a text, and whether two titles or two texts say the same. Pure, and strict when in doubt."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

MAX_COMPARED_CHARACTERS = 4000
"""Of a text that are compared."""
SMALL = frozenset({"a", "an", "the", "and"})
"""What two spellings of one title may differ in."""
NUMBER_WORDS = re.compile(
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twel|thirt|fift|twent|fort|sixt|eight|ninet|hundred"
    r"|thousand|million|billion|first|second|third|half|twice|double|triple)"
)
ENOUGH_TITLE_WORDS = 3
ENOUGH_WORDS = 12
SHINGLE = 3
ENOUGH_SHARED = 0.8

_TOKEN = re.compile(r"\d+(?:[.,:/-]\d+)*\w*|[^\W\d_][\w'’]*")  # noqa: RUF001 - feeds write it so
_NO_SPACES = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0e7f]")
_GROUPED = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_VERSION = re.compile(r"v(?=\d)", re.IGNORECASE)
_CUT = re.compile(r"\s*(?:\S*…|\S*\.{3,}|\[\s*(?:…|\.{3,}|&hellip;)\s*\]|\[\+\d+ chars\]|\(\s*more[^)]*\))\s*$")
_TAIL = re.compile(
    r"\s*(?:read more|continue reading|the post .{1,300} appeared first on .{1,200}|comments|submitted by /u/.{1,200})"
    r"[\s.…»→>]*$",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Wording:
    """A text taken apart."""

    words: tuple[str, ...]
    """Casefolded, in order; scripts that write no spaces give one word per character."""
    bag: frozenset[str]
    numbers: Counter[str]
    names: frozenset[str]
    """Casefolded words that were written with a capital, also at the beginning of a sentence."""
    lowercase: frozenset[str]
    """Words that were written without a capital everywhere."""


@lru_cache(maxsize=4096)
def of_title(text: str) -> Wording:
    """`read`, remembered: a title is compared with hundreds of others."""
    return read(text)


def read(text: str) -> Wording:
    """Take a text apart."""
    words: list[str] = []
    numbers: Counter[str] = Counter()
    names: set[str] = set()
    lowercase: set[str] = set()
    plain = _VERSION.sub("", _GROUPED.sub("", text.replace("&", " and "))) if text else ""
    for token in _TOKEN.findall(plain):
        folded = token.replace("’", "'").casefold()  # noqa: RUF001 - feeds write it so
        if _NO_SPACES.search(folded):
            words.extend(folded)
            names.update(folded)  # no capitals there: every character may belong to a name
            continue
        words.append(folded)
        if folded[0].isdigit():
            numbers[folded] += 1
        elif token[0].islower():
            lowercase.add(folded)
        else:
            names.add(folded)
    return Wording(tuple(words), frozenset(words), numbers, frozenset(names), frozenset(lowercase - names))


def same_title(one: str, other: str) -> bool:
    """Whether two titles are one but for case, punctuation, articles and the ending of a common word."""
    a, b = of_title(one), of_title(other)
    if min(len(a.words), len(b.words)) < ENOUGH_TITLE_WORDS or a.numbers != b.numbers:
        return False
    if a.words == b.words:
        return True
    if 2 * len(a.bag & b.bag) < max(len(a.bag), len(b.bag)):
        return False  # nearly all that are compared; looking closer costs fifty times as much
    return all(
        _harmless(a, b, a.words[start_a:end_a], b.words[start_b:end_b])
        for kind, start_a, end_a, start_b, end_b in SequenceMatcher(
            None, a.words, b.words, autojunk=False
        ).get_opcodes()
        if kind != "equal"
    )


def count_title(title: str, titles: Sequence[str]) -> int:
    """How often a title is among these, whatever its case and punctuation."""
    words = of_title(title).words
    return sum(1 for each in titles if of_title(each).words == words)


def _harmless(a: Wording, b: Wording, ours: Sequence[str], theirs: Sequence[str]) -> bool:
    """Whether titles may differ here: in an article, or in the ending of one word that is no name and no number."""
    if all(word in SMALL and word in a.lowercase | b.lowercase for word in (*ours, *theirs)):
        return True
    if len(ours) != 1 or len(theirs) != 1 or min(len(a.words), len(b.words)) < 2 * ENOUGH_TITLE_WORDS:
        return False
    (one,), (other,) = ours, theirs
    if one not in a.lowercase or other not in b.lowercase or NUMBER_WORDS.match(one) or NUMBER_WORDS.match(other):
        return False
    stem = min(len(one), len(other)) - 1
    return stem >= 4 and abs(len(one) - len(other)) <= 3 and one[:stem] == other[:stem]


def share_words(one: str, other: str) -> bool:
    """Whether two titles have at least a third of the shorter one's words in common."""
    a, b = of_title(one).bag - SMALL, of_title(other).bag - SMALL
    return not a or not b or 3 * len(a & b) >= min(len(a), len(b))


def same_text(one: str, other: str) -> bool:
    """Whether one text is the other or an excerpt of it: nearly the same words in the same order, no other name or number."""
    a, b = read(without_tail(one)), read(without_tail(other))
    shorter, longer = sorted((a, b), key=lambda wording: (len(wording.words), wording.words))
    if len(shorter.words) < ENOUGH_WORDS:
        return False
    if shorter.numbers - longer.numbers or shorter.names - longer.names - longer.lowercase:
        return False
    wanted, there = _shingles(shorter.words), _shingles(longer.words)
    return len(wanted & there) >= ENOUGH_SHARED * len(wanted)


def without_tail(text: str) -> str:
    """The part that is compared: no "Read more", no "The post … appeared first on …", no word that was cut."""
    text = text[:MAX_COMPARED_CHARACTERS].rsplit(None, 1)[0] if len(text) > MAX_COMPARED_CHARACTERS else text
    previous = None
    while previous != text:
        previous, text = text, _CUT.sub("", _TAIL.sub("", text))
    return text


def _shingles(words: Sequence[str]) -> set[tuple[str, ...]]:
    return {tuple(words[start : start + SHINGLE]) for start in range(len(words) - SHINGLE + 1)}
