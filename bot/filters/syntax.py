"""From a filter as a person wrote it to its terms. Pure.

    filter   = all OR all …              one of them
    all      = term term …               all of them, in any order
    term     = -term | (filter) | FIELD:value | value
    value    = word | word* | *word | "a phrase" | /a regular expression/ | (filter)
    FIELD    = title | text | author | category

`AND`, `NOT` and `|` are read as they are meant elsewhere.
"""

from typing import NoReturn

from bot.errors import FilterError
from bot.filters import regex
from bot.filters.regex import PatternRefused
from bot.filters.terms import ENDS, MINUSES, OPERATORS, QUOTES, And, Field, Node, Not, Or, Pattern, Word, terms
from bot.i18n.translation import _

LONGEST = 1_000
"""Characters of a filter."""
MAX_TERMS = 50
DEEPEST = 20
"""Parentheses and minus signs inside one another."""

_NAMES = {each.value: each for each in Field} | {"categories": Field.CATEGORY, "tag": Field.CATEGORY}


def read(text: str) -> Node | None:
    """The filter's tree; None for an empty one.

    Raises:
        FilterError: it cannot be read.
    """
    if len(text) > LONGEST:
        problem = _("This filter is {n} characters long; {most} is the most. Make it shorter.")
        raise FilterError(problem.format(n=len(text), most=LONGEST), text=text, at=LONGEST)
    reader = _Reader(text)
    node = reader.whole()
    if node is not None:
        _check_patterns(node, text)
    return node


def _check_patterns(node: Node, text: str) -> None:
    """Each is small enough; so must they be together, since they share one article's time."""
    total = 0
    for term in terms(node):
        if isinstance(term, Pattern):
            total += regex.size(term.compiled)
            if total > regex.LARGEST:
                problem = _(
                    "Together the patterns of this filter are too large to be quick. Use fewer, or shorter ones."
                )
                raise FilterError(problem, text=text, at=text.rfind(f"/{term.raw}/"))


class _Reader:
    """Reads from left to right, looking at one character at a time."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._terms = 0
        self._depth = 0

    def whole(self) -> Node | None:
        self._skip()
        if self._at == len(self._text):
            return None
        node = self._either(None)
        if self._at < len(self._text):
            self._fail(_("This ) closes nothing. Remove it, or add a ( before."))
        return node

    def _either(self, part: Field | None) -> Node:
        children = [self._all(part)]
        while self._operator("OR", "|"):
            children.append(self._all(part))
        return children[0] if len(children) == 1 else Or(tuple(children))

    def _all(self, part: Field | None) -> Node:
        children: list[Node] = []
        while True:
            self._skip()
            joined = bool(children) and self._operator("AND")
            if self._ends_here():
                if joined or not children:
                    self._fail(_("Something is missing here: a word, a phrase in quotes, or a group in parentheses."))
                return children[0] if len(children) == 1 else And(tuple(children))
            children.append(self._term(part))

    def _term(self, part: Field | None) -> Node:
        start = self._at
        negated = self._text[self._at] in MINUSES
        if negated:
            self._at += 1
        elif not self._operator("NOT"):
            return self._value(part)
        self._deeper(start)
        if (negated and self._text[self._at : self._at + 1].isspace()) or self._ends_here():
            self._fail(_("Write what is to be absent right after the minus, as in: -word"), start)
        child = self._term(part)
        self._depth -= 1
        return Not(child)

    def _value(self, part: Field | None) -> Node:
        first = self._text[self._at]
        if first == "(":
            return self._group(part)
        if first in QUOTES:
            return self._phrase(part)
        if first == "/":
            return self._pattern(part)
        return self._word(part)

    def _group(self, part: Field | None) -> Node:
        start = self._at
        self._deeper(start)
        self._at += 1
        node = self._either(part)
        if self._at == len(self._text):
            self._fail(_("This ( is never closed. Add a ) where the group ends."), start)
        self._at += 1
        self._depth -= 1
        return node

    def _phrase(self, part: Field | None) -> Node:
        start = self._at
        end = next((at for at in range(start + 1, len(self._text)) if self._text[at] in QUOTES), -1)
        if end < 0:
            self._fail(_('These quotes are never closed. Add a " where the phrase ends.'), start)
        self._at = end + 1
        return self._made(" ".join(self._text[start + 1 : end].split()), part, start)

    def _pattern(self, part: Field | None) -> Node:
        start = self._at
        end = start + 1
        while end < len(self._text) and self._text[end] != "/":
            end += 2 if self._text[end] == "\\" else 1
        if end >= len(self._text):
            self._fail(_("This pattern is never closed. Add a / where it ends, or put plain words in quotes."), start)
        raw = self._text[start + 1 : end]
        self._at = end + 1
        if self._text[self._at : self._at + 1] == "i":  # as in other places; case does not matter anyway
            self._at += 1
        if self._at < len(self._text) and not self._text[self._at].isspace() and self._text[self._at] not in ENDS:
            self._fail(_("The pattern ends before this. Write \\/ for a / inside it, or a space after it."))
        if not raw:
            self._fail(_("There is nothing between these slashes. Write a pattern there, or leave them away."), start)
        self._count(start)
        try:
            return Pattern(raw, part, regex.compiled(raw))
        except PatternRefused as refused:
            raise FilterError(str(refused), text=self._text, at=start) from refused

    def _word(self, part: Field | None) -> Node:
        start = self._at
        while self._at < len(self._text) and not (self._text[self._at].isspace() or self._text[self._at] in ENDS):
            self._at += 1
            if self._text[self._at - 1] == ":" and (named := self._field(start)) is not None:
                return self._of_field(named)
        word = self._text[start : self._at]
        if word.casefold() in OPERATORS:
            problem = _(
                "Write {capitals} in capital letters if it joins two terms; put it in quotes to look for the word itself."
            )
            self._fail(problem.format(capitals=word.upper()), start)
        open_left, open_right = word.startswith("*"), word.endswith("*") and len(word) > 1
        bare = word[open_left : len(word) - open_right]
        if "*" in bare or not bare:
            self._fail(_("A * stands for any letters at the beginning or the end of a word, as in: network*"), start)
        return self._made(bare, part, start, open_left=open_left, open_right=open_right)

    def _field(self, start: int) -> Field | None:
        """The field whose name and colon were just read; None where it is part of a word, as in 10:30."""
        name = self._text[start : self._at - 1]
        if name.casefold() in _NAMES:
            return _NAMES[name.casefold()]
        if name.isalpha() and self._text[self._at : self._at + 2] != "//":
            problem = _(
                "I do not know “{name}:”. There are title:, text:, author: and category:. Put it in quotes to look for it as it is."
            )
            self._fail(problem.format(name=name[:40]), start)
        return None

    def _of_field(self, part: Field) -> Node:
        self._skip()
        if self._ends_here() or self._text[self._at] in MINUSES:
            problem = _(
                "After {name}: comes a word, a phrase in quotes or a group. A minus stands before it: -{name}:word"
            )
            self._fail(problem.format(name=part))
        start = self._at
        self._deeper(start)
        node = self._value(part)
        self._depth -= 1
        return node

    def _made(
        self, raw: str, part: Field | None, start: int, *, open_left: bool = False, open_right: bool = False
    ) -> Word:
        self._count(start)
        word = Word(raw, part, open_left, open_right) if raw else None
        if word is None or not word.folded:
            self._fail(_("There is nothing to look for in this: no letter, number or symbol."), start)
        return word

    def _count(self, start: int) -> None:
        self._terms += 1
        if self._terms > MAX_TERMS:
            problem = _("This filter has too many terms; {most} is the most. Leave out what matters least.")
            self._fail(problem.format(most=MAX_TERMS), start)

    def _deeper(self, start: int) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            self._fail(_("Too many parentheses are inside one another here. Write it simpler."), start)

    def _operator(self, *names: str) -> bool:
        """Take one of these if it is next."""
        self._skip()
        for name in names:
            end = self._at + len(name)
            if self._text[self._at : end] != name:
                continue
            after = self._text[end : end + 1]
            if name == "|" or not after or after.isspace() or after in ENDS:
                self._at = end
                return True
        return False

    def _ends_here(self) -> bool:
        """Whether the terms that belong together end at this place."""
        self._skip()
        if self._at == len(self._text) or self._text[self._at] in ")|":
            return True
        here = self._at
        ends = self._operator("OR")
        self._at = here
        return ends

    def _skip(self) -> None:
        while self._at < len(self._text) and self._text[self._at].isspace():
            self._at += 1

    def _fail(self, problem: str, at: int | None = None) -> NoReturn:
        raise FilterError(problem, text=self._text, at=self._at if at is None else at)
