"""Regular expressions in filters: compiled by RE2 within bounds that keep them below a millisecond an article. Pure.

RE2 takes time in proportion to the text and, for patterns made to be slow, also to the size of its program: about
10 ns for each byte and instruction at worst (measured, `benchmarks/filters.py`). So the product of both is bounded: the
longer the patterns of a filter, the less of the text they read. Little memory is faster here than much: a pattern
that needs ever new states of the automaton is given up early for the way that needs none.
"""

from typing import Any

import re2

from bot.i18n.translation import N_, _

LARGEST = 160
"""Instructions of all patterns of a filter together, as RE2 counts them."""
STEPS = 80_000
"""Bytes read by a pattern, times the instructions of all patterns of its filter."""
FARTHEST = 8_000
"""Bytes that the shortest patterns read."""
MEMORY = 64 * 1024
"""Bytes for the automaton of one pattern."""

_TOO_LARGE = N_(
    "This pattern is too large to be quick. Make it shorter: words with OR between them instead of |, "
    ".* instead of counts such as {{0,50}}, and letters such as [a-zß-ü] instead of \\pL or \\p{{…}}."
)
_WHAT_IS_WRONG = (
    (b"pattern too large", _TOO_LARGE),
    (b"invalid repetition size", _TOO_LARGE),
    (b"missing )", N_("In this pattern a ( has no ). Add it, or write \\( for the character itself.")),
    (b"unexpected )", N_("In this pattern a ) has no (. Add it, or write \\) for the character itself.")),
    (b"missing ]", N_("In this pattern a [ has no ]. Add it, or write \\[ for the character itself.")),
    (b"missing argument", N_("In this pattern “{part}” repeats nothing. Write something before it, or \\ before it.")),
    (b"no argument", N_("In this pattern “{part}” repeats nothing. Write something before it, or \\ before it.")),
    (b"bad repetition", N_("In this pattern “{part}” repeats what is repeated already. One of both is enough.")),
    (
        b"invalid perl operator",
        N_(
            "In this pattern I cannot use “{part}”: looking ahead or behind would take too long. "
            "Say it with several terms, for example: /this/ -/that/"
        ),
    ),
    (
        b"invalid escape",
        N_("In this pattern I do not know “{part}”. Leave the \\ away, or write \\\\ for the character \\ itself."),
    ),
    (b"trailing \\", N_("This pattern ends in a \\. Write \\\\ for the character itself.")),
    (b"invalid character class", N_("In this pattern I do not know “{part}”. A range goes upwards, as in [a-z].")),
)
_UNKNOWN = N_("I cannot read this pattern ({part}). Write it another way, or put plain words instead.")


class PatternRefused(Exception):  # noqa: N818 - it never leaves the filters
    """`str()` is a sentence for people."""


def compiled(raw: str) -> Any:
    """The pattern for RE2: case does not matter, a dot is any character.

    Raises:
        PatternRefused: it is wrong, or too large to be quick.
    """
    options = re2.Options()
    options.max_mem = MEMORY
    options.case_sensitive = False
    options.dot_nl = True
    options.never_capture = True
    options.log_errors = False
    try:
        pattern = re2.compile(raw, options)
    except re2.error as error:
        raise PatternRefused(_in_words(error)) from error
    except UnicodeEncodeError as error:  # half a character, which no text has
        raise PatternRefused(_(_UNKNOWN).format(part=repr(raw[error.start]))) from error
    if size(pattern) > LARGEST:
        raise PatternRefused(too_large())
    return pattern


def size(pattern: Any) -> int:
    """Its instructions: of the program that reads forwards, or of the one that reads backwards if that is larger."""
    return max(int(pattern.programsize), int(pattern.reverseprogramsize))


def reach(total: int) -> int:
    """The bytes that each of a filter's patterns may read, if they have so many instructions together."""
    return min(FARTHEST, STEPS // max(total, 1))


def too_large() -> str:
    return _(_TOO_LARGE).format()


def _in_words(error: Exception) -> str:
    said = error.args[0] if error.args else b""
    message = said if isinstance(said, bytes) else str(said).encode()
    kind, _colon, part = message.partition(b": ")
    named = part.decode("utf-8", "replace")[:40] or kind.decode("utf-8", "replace")[:40]
    for beginning, words in _WHAT_IS_WRONG:
        if kind.startswith(beginning):
            return _(words).format(part=named)
    return _(_UNKNOWN).format(part=named)
