"""Filters as people write them: what they let through, which term decides, and what is said where they are wrong."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import FilterError
from bot.filters import matching, syntax
from bot.filters.regex import LARGEST, STEPS
from bot.filters.terms import MAX_TEXT


@dataclass
class Written:
    """An article as a filter reads it."""

    title: str = ""
    text: str = ""
    author: str | None = None
    categories: tuple[str, ...] = ()


RELEASE = Written(
    title="Kubernetes 1.30 released: what is new",
    text="The team at AT&T moved to Node.js and C++ with zero-day fixes. Don't wait.",
    author="Ada Lovelace",
    categories=("Cloud native", "Sponsored post"),
)

WANTED = {
    "nothing": "",
    "a word": "kubernetes",
    "a word in the text": "team",
    "a word in the author": "lovelace",
    "a word in a category": "cloud",
    "two words in any order": "released kubernetes",
    "a phrase": '"what is new"',
    "a phrase in curly quotes": "„what is new“",
    "a phrase over a hyphen": '"zero day"',
    "a hyphenated word": "zero-day",
    "one of two": "docker OR kubernetes",
    "one of two, with a bar": "docker|kubernetes",
    "absence": "kubernetes -docker",
    "absence with a typographer's minus": "kubernetes \N{MINUS SIGN}docker",
    "a group": "(docker OR kubernetes) -(windows OR macos)",
    "capital AND and NOT": "kubernetes AND NOT docker",
    "the beginning of a word": "kube*",
    "the end of a word": "*netes",
    "a field": "title:kubernetes",
    "a field with a space": "Title: kubernetes",
    "a group in a field": "category:(news OR cloud)",
    "a pattern": r"/\b1\.\d+/",
    "a pattern in a field": "author:/^ada/",
    "a pattern of one category": "category:/^sponsored post$/",
    "letters and signs": "c++ at&t node.js",
    "an apostrophe": "don’t",
    "a number": "1.30",
    "one that binds more tightly": "docker windows OR kubernetes released",
}
UNWANTED = {
    "a part of a word": "kube",
    "one that is absent": "kubernetes docker",
    "one to be absent": "kubernetes -sponsored",
    "a phrase in another order": '"new is what"',
    "a field in which it is not": "title:team",
    "a phrase over two categories": '"native sponsored"',
    "a pattern that is not there": "/docker/",
    "a group to be absent": "-(docker OR kubernetes)",
    "both alternatives": "docker OR windows",
}


@pytest.mark.parametrize("text", WANTED.values(), ids=WANTED.keys())
def test_these_filters_let_the_release_through(text: str) -> None:
    assert matching.parse(text).decide(RELEASE).wanted


@pytest.mark.parametrize("text", UNWANTED.values(), ids=UNWANTED.keys())
def test_these_filters_leave_the_release_out(text: str) -> None:
    assert not matching.parse(text).decide(RELEASE).wanted


LANGUAGES = [
    ("uberraschung", "Eine Überraschung", True),
    ("ÜBERRASCHUNG", "eine überraschung", True),
    ("strasse", "Die Straße", True),
    ("istanbul", "İSTANBUL", True),
    ("lodz", "Łódź", True),
    ("zürich", "Zu\u0308rich", True),
    ("ελλασ", "ΕΛΛΆΣ", True),
    ("ещё", "ЕЩЕ", True),
    ("мой", "мои дом", False),
    ("дом", "домой", False),
    ("ガス", "東京ガスの値上げ", True),
    ("カス", "東京ガスの値上げ", False),
    ("値上げ", "東京ガスの値上げ", True),
    ("iphone", "新しいiPhoneを発表", True),
    ("서울", "오늘 서울에서", True),
    ("กรุงเทพ", "ข่าวกรุงเทพวันนี้", True),
    ("हिंदी", "हिंदी समाचार", True),
    ("हिंद", "हिंदी समाचार", False),
    ("مكتب", "مَكْتَب جديد", True),
    ("ＡＢＣ", "abc", True),
    ("🚀", "Launch 🚀 today", True),
    ("❤", "I ❤️ it", True),
    ("naïve", "na\u00adive", True),
    ("c", "C# and C++", True),
    ("c#", "C# and F#", True),
    ("f", "of", False),
    ("snake", "snake_case", False),
]


@pytest.mark.parametrize(("word", "text", "found"), LANGUAGES)
def test_words_are_whole_words_in_every_language(word: str, text: str, found: bool) -> None:
    assert matching.parse(word).decide(Written(title=text)).wanted is found


DECIDING = [
    ("", True, "", False, None),
    ("docker OR kubernetes", True, "kubernetes", True, "title"),
    ("kubernetes docker", False, "docker", False, None),
    ("kubernetes -sponsored", False, "-sponsored", True, "category"),
    ("kubernetes -(docker OR sponsored)", False, "-sponsored", True, "category"),
    ("docker OR windows", False, "docker OR windows", False, None),
    ("-docker", True, "", False, None),
    ("-docker team", True, "team", True, "text"),
    ("author:(bob OR ada)", True, "author:ada", True, "author"),
    (r"/1\.\d+/", True, r"/1\.\d+/", True, "title"),
    ("-(-sponsored)", True, "sponsored", True, "category"),
]


@pytest.mark.parametrize(("text", "wanted", "term", "found", "where"), DECIDING)
def test_the_deciding_term_is_named(text: str, wanted: bool, term: str, found: bool, where: str | None) -> None:
    field = matching.Field(where) if where else None
    assert matching.parse(text).decide(RELEASE) == matching.Decision(wanted, term, found, field)


def test_a_long_term_is_named_in_short() -> None:
    decision = matching.parse(" OR ".join(f"word{n}" for n in range(50))).decide(RELEASE)
    assert len(decision.term) <= matching.MAX_TERM
    assert decision.term.endswith("…")


WRONG = [
    ("cloud (a OR b", 6, "never closed"),
    ("cloud) a", 5, "closes nothing"),
    ('cloud "abc', 6, "quotes are never closed"),
    ("cloud /abc", 6, "never closed"),
    ("cloud OR", 8, "missing"),
    ("OR cloud", 0, "missing"),
    ("a OR OR b", 5, "missing"),
    ("a AND", 5, "missing"),
    ("()", 1, "missing"),
    ("cloud or rain", 6, "Write OR in capital letters"),
    ("cloud -", 6, "right after the minus"),
    ("cloud - rain", 6, "right after the minus"),
    ("source:cloud", 0, "title:, text:, author: and category:"),
    ("title:", 6, "After title: comes"),
    ("title:-a", 6, "-title:word"),
    ("a clo*ud", 2, "beginning or the end"),
    ("a *", 2, "beginning or the end"),
    ("a !!!", 2, "nothing to look for"),
    ('a ""', 2, "nothing to look for"),
    ("a //", 2, "nothing between"),
    ("/r/python", 3, "ends before this"),
    ("a /(/", 2, "has no )"),
    ("a /[/", 2, "has no ]"),
    ("a /x)/", 2, "has no ("),
    ("a /+/", 2, "“+” repeats nothing"),
    ("a /x**/", 2, "repeated already"),
    ("a /\ud800/", 2, "cannot read this pattern"),
    ("a /x(?=y)/", 2, "“(?=”"),
    (r"a /(x)\1/", 2, r"“\1”"),
    ("a /[z-a]/", 2, "“z-a”"),
    ("a /x{2000}/", 2, "too large"),
    (r"a /\pL/", 2, "too large"),
    ("a /[^a]{30}/", 2, "too large"),
    ("a /(x{0,30}){0,30}/", 2, "too large"),
]


@pytest.mark.parametrize(("text", "at", "says"), WRONG)
def test_what_is_wrong_is_said_with_its_place(text: str, at: int, says: str) -> None:
    with pytest.raises(FilterError) as caught:
        matching.parse(text)
    assert says in caught.value.problem
    assert caught.value.at == at


def test_the_place_is_marked_in_a_block_of_code() -> None:
    with pytest.raises(FilterError) as caught:
        matching.parse("日本 `cloud` OR )")
    lines = str(caught.value).splitlines()
    assert lines[1:] == ["```", "日本 'cloud' OR )", f"{' ' * 16}^", "```"]


def test_of_a_long_filter_the_part_around_the_place_is_shown() -> None:
    text = f"{'word ' * 20}( {'word ' * 20}"
    with pytest.raises(FilterError) as caught:
        matching.parse(text)
    _, _, shown, mark, _ = str(caught.value).splitlines()
    assert shown.startswith("… ")
    assert shown.endswith(" …")
    assert shown[mark.index("^")] == "("


def test_filters_have_bounds() -> None:
    matching.parse("x" * syntax.LONGEST)
    for text, says in (
        ("x" * (syntax.LONGEST + 1), "is the most"),
        (" ".join(["x"] * (syntax.MAX_TERMS + 1)), "too many terms"),
        ("(" * 21 + "x" + ")" * 21, "inside one another"),
        ("-" * 21 + "x", "inside one another"),
        (" ".join(f"/{'x' * 30}/" for _ in range(5)), "Together the patterns"),
    ):
        with pytest.raises(FilterError, match=says):
            matching.parse(text)


def test_of_an_article_a_bounded_part_is_read() -> None:
    assert matching.parse("end").decide(Written(text=f"{'x ' * (MAX_TEXT // 2 - 2)}end")).wanted
    assert not matching.parse("end").decide(Written(text=f"{'x ' * MAX_TEXT}end")).wanted


def test_the_larger_the_patterns_the_less_they_read_but_never_less_than_a_title() -> None:
    small, large = matching.parse("/end/"), matching.parse(f"/{'x' * 50}|end/ /{'y' * 50}|end/")
    text = Written(text=f"{'x ' * 1_000}end")
    assert small.decide(text).wanted
    assert not large.decide(text).wanted
    assert large.decide(Written(title=f"{'ä ' * 100}end")).wanted
    assert STEPS // LARGEST >= 500


def test_a_pattern_does_not_care_for_case_and_goes_over_lines() -> None:
    assert matching.parse("/new.*wait/").decide(Written(text="NEW\nthings WAIT")).wanted
    assert not matching.parse("/(?-i)new/").decide(Written(text="NEW")).wanted


PIECES = [
    "a",
    "ß",
    "日本",
    "OR",
    "or",
    "AND",
    "NOT",
    "-",
    "–",
    "(",
    ")",
    '"',
    "“",
    "/",
    "\\",
    "*",
    ":",
    " ",
    "title:",
    "tag:",
    "x:",
    "[",
    "]",
    "{3}",
    "+",
    "?",
    ".",
    "^",
    "\n",
    "\x00",
    "`",
    "!",
    "🚀",
    "http://",
    "(?i)",
    "\\pL",
    "\x85",
]
texts = st.text(max_size=60) | st.lists(st.sampled_from([*PIECES, "|", "\ud800"]), max_size=25).map("".join)
articles = st.builds(
    Written,
    title=st.text(max_size=40),
    text=st.text(max_size=80),
    author=st.none() | st.text(max_size=20),
    categories=st.lists(st.text(max_size=10), max_size=3).map(tuple),
)


@given(texts, articles)
def test_no_text_does_anything_but_be_read_or_be_refused_with_its_place(text: str, article: Written) -> None:
    refused = None
    try:
        read = matching.parse(text)
    except FilterError as error:
        refused = error
    if refused is not None:
        assert 0 <= refused.at <= len(text)
        assert refused.problem[0].isupper()
        return
    decision = read.decide(article)
    assert decision == read.decide(matching.Prepared(article))
    assert matching.parse(str(read)) == read
    assert str(matching.parse(str(read))) == str(read)


@st.composite
def written(draw: st.DrawFn, depth: int = 3) -> str:
    """A filter that can be read."""
    name = draw(st.sampled_from(["", "", "", "title:", "author:", "category:"]))
    leaf = st.sampled_from(
        ["word", "wor*", "*ord", '"two words"', '"OR"', '"-x"', '"/x/"', "/x+/", r"/a\/b/", "c++", "10:30"]
    )
    kind = draw(st.integers(0, 4)) if depth else 0
    if kind == 1:
        return f"-{draw(written(depth - 1))}" if not name else f"{name}word"
    if kind == 2:
        return f"{name}({draw(written(depth - 1))} OR {draw(written(depth - 1))})"
    if kind == 3:
        return f"{name}({draw(written(depth - 1))} {draw(written(depth - 1))})"
    return f"{name}{draw(leaf)}"


@given(written(), articles)
def test_a_filter_is_printed_so_that_it_reads_the_same(text: str, article: Written) -> None:
    read = matching.parse(text)
    again = matching.parse(str(read))
    assert again == read
    assert again.decide(article) == read.decide(article)


@given(written(), articles)
def test_a_minus_turns_every_decision_around(text: str, article: Written) -> None:
    assert matching.parse(f"-({text})").decide(article).wanted is not matching.parse(text).decide(article).wanted
