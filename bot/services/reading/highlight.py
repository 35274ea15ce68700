"""Where a search's words occur in an article: the piece of text to show, with them in bold, and how good a hit it is. Pure."""

from collections import defaultdict
from collections.abc import Iterable

from bot.store.reading.search_query import Query, Term
from bot.words.folding import contains, words
from bot.words.word_positions import Located, located

BEFORE = 60
"""Characters in front of the first hit of a piece."""
STRETCH = 1_000
"""Characters of a text that are looked at together for its first hit."""
OVERLAP = 200


def spans(text: str, query: Query) -> list[tuple[int, int]]:
    """Beginning and end of each hit in the text, in order; those with nothing but blanks between them are one."""
    terms: dict[str, list[Term]] = defaultdict(list)
    beginnings: list[Term] = []
    for term in sorted(query.terms, key=lambda each: len(each.words), reverse=True):
        if len(term.words) == 1 and term.beginning:
            beginnings.append(term)
        else:
            terms[term.words[0]].append(term)
    found: list[tuple[int, int]] = []
    there = located(text)
    at = 0
    while at < len(there):
        candidates = [*terms.get(there[at].word, ()), *beginnings]
        size = next((len(each.words) for each in candidates if _stands(each, there, at)), 0)
        if size:
            begin, end = there[at].begin, there[at + size - 1].end
            if found and not text[found[-1][1] : begin].strip():
                found[-1] = (found[-1][0], end)
            else:
                found.append((begin, end))
        at += size or 1
    return found


def _stands(term: Term, there: list[Located], at: int) -> bool:
    last = at + len(term.words) - 1
    if last >= len(there) or any(there[at + n].word != word for n, word in enumerate(term.words[:-1])):
        return False
    return there[last].word.startswith(term.words[-1]) if term.beginning else there[last].word == term.words[-1]


def piece(text: str, query: Query, length: int) -> str:
    """About so many characters of the text around its first hit; its beginning if there is none."""
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    start = min(max(0, _place(line, query, length) - BEFORE), len(line) - length)
    if start:
        start = line.find(" ", start, start + BEFORE) + 1 or start
    shown = line[start : start + length]
    if start + length < len(line):
        shown = shown[: shown.rfind(" ", length // 2)].rstrip(" ,;:–-") + "…"  # noqa: RUF001 - a dash is meant
    return ("…" if start else "") + shown


def _place(line: str, query: Query, length: int) -> int:
    """Where the first stretch with hits has most of them; 0 where there are none."""
    for begin in range(0, len(line), STRETCH):
        stretch = line[begin : begin + STRETCH + OVERLAP]
        if _has(words(stretch), query.terms) and (found := spans(stretch, query)):
            return begin + _densest(found, length)
    return 0


def score(title: str, text: str, query: Query) -> float:
    """Higher is better: hits in the title, then how many of the words occur, how often and how near to the beginning."""
    head, body = words(title), words(text)
    padded = f" {body} "
    size = 1 + len(body) / 1_000
    total = 0.0
    for terms in query.wanted:
        if _has(head, terms):
            total += 10 + (2 if any(_begins(head, term) for term in terms) else 0)
        needles = [_needle(term) for term in terms]
        often = sum(map(padded.count, needles))
        if often:
            first = min(at for needle in needles if (at := padded.find(needle)) >= 0)
            total += 3 * often / (often + size) + 1 / (1 + first / 200)
    if len(query.wanted) > 1 and _adjacent(query.wanted, head, body):
        total += 6
    return total + 5 / (2 + head.count(" "))


def _needle(term: Term) -> str:
    return f" {' '.join(term.words)}{'' if term.beginning else ' '}"


def _has(folded: str, terms: Iterable[Term]) -> bool:
    return any(contains(folded, " ".join(term.words), open_right=term.beginning) for term in terms)


def _begins(folded: str, term: Term) -> bool:
    return f" {folded} ".startswith(_needle(term))


def _adjacent(wanted: Iterable[tuple[Term, ...]], *texts: str) -> bool:
    """Whether the words stand one after the other, as they were typed."""
    in_a_row = " ".join(word for terms in wanted for word in terms[0].words)
    return any(contains(text, in_a_row) for text in texts)


def _densest(found: list[tuple[int, int]], length: int) -> int:
    """The beginning of the window with the most hits; the first of several."""
    room = length - BEFORE
    counts = [sum(1 for begin, end in found[place:] if end <= at + room) for place, (at, _) in enumerate(found[:50])]
    return found[counts.index(max(counts))][0]
