"""What a filter costs an article: 10,000 patterns, made to be slow or at random, on texts that they are slowest on.

    python benchmarks/filters.py [--patterns 10000] [--seed 1]

Each pattern is read as a filter (`/…/`), then judges every article: real prose in three scripts at full length, and texts
that such patterns are slowest on. Times are of this thread alone, the better of two, without what is done once an
article (that is shown by itself). Refused patterns do not count towards the 10,000. It ends with exit code 1 if one takes
a millisecond or longer.
"""

import argparse
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from types import SimpleNamespace

from bot.errors import FilterError
from bot.filters import matching
from bot.filters.terms import MAX_TEXT

LIMIT_MS = 1.0
CATASTROPHIC = (
    r"(a+)+$", r"(a|a)*$", r"(a|aa)+$", r"([a-z]+)*$", r"(a*)*b", r"((a+)+)+b", r"(.*a){11}", r"(.*)(.*)(.*)(.*)z!",
    r"(x+x+)+y", r"(a?){25}a{25}", r"(a?){300}a{300}", r"a{1000}", r"(a{0,30}){0,30}b", r"((a{0,9}){0,9}){0,9}b",
    r"[ab]*a[ab]{100}c", r"(a|b)*a(a|b){12}c", r"(a|b)*a(a|b){20}c", r"[^c]*a[ab]{60}", r"(?:.?){40}z", r"(?:.?){500}z",
    r"^(([a-z])+.)+[A-Z]([a-z])+$", r"(\w+\s?)+!", r"(\d+|\w+|\s+)*#", r"(.|\n)*?z{3}q", r"\pL+\pN+", r"(\pL|\d)*x(\pL|\d){30}",
    r"[\s\S]{0,100}end", r"(?:a|b|ab)*c", r"(?:a?b?c?d?e?f?g?h?){6}!", r"a.{0,9}a.{0,9}z", r"((((((((a*)*)*)*)*)*)*)*)*b",
    r"\x{10FFFF}|[^\x00-\x{10FFFE}]", "(?i)(k|\u017f|K)+$", r"(?s).*.*.*.*=.*", r"(a|b|c|d|e|f|g)*a(a|b|c|d|e|f|g){15}$",
)  # fmt: skip


def patterns(chance: random.Random) -> Iterator[str]:
    """The known catastrophes, then random ones of many kinds, without end."""
    yield from CATASTROPHIC
    kinds = (_tree, _tree, _nested, _alternation, _counted, _windows, _noise)
    while True:
        yield chance.choice(kinds)(chance)


def _atom(chance: random.Random) -> str:
    return chance.choice(
        [
            "a",
            "b",
            "ab",
            "x",
            "é",
            "ж",
            "日",
            r"\w",
            r"\d",
            r"\s",
            r"\b",
            ".",
            "[ab]",
            "[^a]",
            "[a-z]",
            r"[\w.]",
            "(?i:k)",
            r"\pL",
            r"\S",
        ]
    )


def _repeat(chance: random.Random) -> str:
    low, high = sorted((chance.randrange(0, 40), chance.randrange(1, 60)))
    return chance.choice(["*", "+", "?", "*?", "+?", f"{{{low},{high}}}", f"{{{high}}}", f"{{{low},}}"])


def _tree(chance: random.Random, depth: int = 4) -> str:
    if depth == 0 or chance.random() < 0.2:
        return _atom(chance)
    kind = chance.random()
    if kind < 0.35:
        return f"({_tree(chance, depth - 1)}){_repeat(chance)}"
    if kind < 0.6:
        return f"({_tree(chance, depth - 1)}|{_tree(chance, depth - 1)})"
    return _tree(chance, depth - 1) + _tree(chance, depth - 1)


def _nested(chance: random.Random) -> str:
    made = _atom(chance)
    for _ in range(chance.randrange(2, 9)):
        made = f"({made}{chance.choice(['+', '*', '?', '{2,5}', '|a'])}){chance.choice(['+', '*', ''])}"
    return made + chance.choice(["$", "b", "!", "z{3}"])


def _alternation(chance: random.Random) -> str:
    letters = chance.choice(["ab", "abcdefgh", "aeiouäöü", "日月火"])
    words = (
        "".join(chance.choice(letters) for _ in range(chance.randrange(1, 8))) for _ in range(chance.randrange(2, 60))
    )
    return f"({'|'.join(words)}){chance.choice(['', '+$', '*!', '{3}'])}"


def _counted(chance: random.Random) -> str:
    return f"{_atom(chance)}{{{chance.randrange(0, 50)},{chance.randrange(50, 1100)}}}{_atom(chance)}"


def _windows(chance: random.Random) -> str:
    """What makes automata grow: something remembered about each of the last letters."""
    inner = chance.choice(["[ab]", "(a|b)", ".", r"\w", "[a-z]", "(?:a|b|c)"])
    return (
        f"{chance.choice(['', f'{inner}*'])}a{inner}{{{chance.randrange(1, 90)}}}{chance.choice(['c', '$', 'zz', ''])}"
    )


def _noise(chance: random.Random) -> str:
    return "".join(
        chance.choice("ab.*+?(){}[]|\\^$-:=!<>dwsbBpP019,é日 ") for _ in range(chance.randrange(1, 40))
    ).replace("/", "")


def articles(chance: random.Random) -> dict[str, SimpleNamespace]:
    """Each of full length."""

    def long(make: Callable[[], str]) -> str:
        text = ""
        while len(text) < MAX_TEXT:
            text += make()
        return text[:MAX_TEXT]

    words = [
        "the",
        "network",
        "of",
        "a",
        "small",
        "town",
        "moved",
        "to",
        "optical",
        "fibre",
        "and",
        "nobody",
        "noticed",
        "until",
        "Monday",
        "12",
        "May,",
        "said",
        "Łódź's",
        "mayor",
    ]
    russian = [
        "новости",
        "облачных",
        "сетей",
        "и",
        "безопасности",
        "за",
        "неделю",
        "собраны",
        "здесь",
        "для",
        "всех",
        "читателей",
        "2026",
    ]
    texts = {
        "English prose": long(lambda: f"{chance.choice(words)} "),
        "Russian prose": long(lambda: f"{chance.choice(russian)} "),
        "Japanese prose": long(lambda: chance.choice("東京の新しい回線が月曜日に開通した。価格は据え置き、")),
        "only a": long(lambda: "a" * 100),
        "a and b at random": long(lambda: chance.choice("ab")),
        "letters at random": long(lambda: chance.choice("abcdefghijklmnopqrstuvwxyz")),
        "a, then !": f"{'a' * (MAX_TEXT - 1)}!",
        "x and é": long(lambda: chance.choice("xé")),
    }
    return {
        name: SimpleNamespace(title=text[:200], text=text, author="Ada", categories=("a", "b"))
        for name, text in texts.items()
    }


def timed(work: Callable[[], object], times: int = 1) -> float:
    """Milliseconds of this thread, the best of some."""
    best = float("inf")
    for _ in range(times):
        start = time.thread_time()
        work()
        best = min(best, (time.thread_time() - start) * 1000)
    return best


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--patterns", type=int, default=10_000)
    arguments.add_argument("--seed", type=int, default=1)
    given = arguments.parse_args()
    chance = random.Random(given.seed)
    prepared = {}
    for name, article in articles(chance).items():
        prepared[name] = matching.Prepared(article)
        cost = timed(
            lambda ready=prepared[name]: [(ready.folded(part), ready.encoded(part)) for part in matching.Field]
        )
        print(f"made ready once, {name}, {MAX_TEXT:,} characters: {cost:.2f} ms")
    compiling, worst, firsts = [], [], []
    refused: Counter[str] = Counter()
    taken = 0
    for pattern in patterns(chance):
        if taken == given.patterns:
            break
        start = time.thread_time()
        try:
            ready = matching.parse(f"/{pattern}/")
        except FilterError as error:
            refused[error.problem] += 1
            compiling.append((time.thread_time() - start) * 1000)
            continue
        compiling.append((time.thread_time() - start) * 1000)
        taken += 1
        for name, article in prepared.items():
            firsts.append(timed(lambda ready=ready, article=article: ready.decide(article)))
            again = timed(lambda ready=ready, article=article: ready.decide(article))
            worst.append((min(firsts[-1], again), firsts[-1], name, pattern))
    report(taken, compiling, worst, refused)
    return words_too(prepared) or int(max(worst)[0] >= LIMIT_MS)


def report(
    taken: int, compiling: list[float], worst: list[tuple[float, float, str, str]], refused: Counter[str]
) -> None:
    print(f"\n{taken + refused.total():,} patterns: {taken:,} taken, {refused.total():,} refused, among them:")
    for problem, times in refused.most_common(12):
        print(f"  {times:6,} x {problem[:110]}")
    line("compiling (or refusing) one", compiling)
    line("one pattern, one article", [each[0] for each in worst])
    line("  the first time", [each[1] for each in worst])
    print("slowest:")
    for cost, first, name, pattern in sorted(worst, reverse=True)[:8]:
        print(f"  {cost:.3f} ms (first {first:.3f}) on {name}: /{pattern[:90]}/")


def words_too(prepared: dict[str, matching.Prepared]) -> int:
    """Filters of the most words that are allowed, which are all looked for everywhere."""
    costs = []
    for text in (
        " OR ".join(f"word{n}" for n in range(50)),
        " ".join(f"-a{n}*" for n in range(50)),
        "a OR -a OR b OR ab",
    ):
        ready = matching.parse(text)
        costs += [timed(lambda ready=ready, article=article: ready.decide(article), 3) for article in prepared.values()]
    line("a filter of 50 words, one article", costs)
    return int(max(costs) >= 2 * LIMIT_MS)


def line(name: str, costs: list[float]) -> None:
    ordered = sorted(costs)
    at = [ordered[min(len(ordered) - 1, int(len(ordered) * share))] for share in (0.95, 0.99, 0.999)]
    print(
        f"{name}: median {statistics.median(ordered):.4f} ms, 95 % {at[0]:.4f}, 99 % {at[1]:.4f}, 99.9 % {at[2]:.4f}, "
        f"most {ordered[-1]:.3f}"
    )


if __name__ == "__main__":
    sys.exit(main())
