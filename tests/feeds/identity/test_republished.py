"""An article that its feed lists a second time under another date, and what only looks like one."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.feeds.identity import republished
from bot.feeds.identity.republished import mended
from bot.feeds.incremental import item_scanner, new_entries
from bot.model import MatchedEntry, StoredEntry, UnchangedEntry
from tests.builders import START, entry
from tests.feeds.history import Follower, Item, item, items, rss

SITE = "https://blog.example.test"
WORDS = (
    "The first half of this article tells how a network is tested before anything of it is changed, and why the tests "
    "of a laboratory are worth little where nobody repeats them. "
    "The second half shows what it takes to have every change built and tried by a machine: a repository, a server that "
    "watches it, and routers that are willing to be thrown away. Perfomance matters less than one may think, since most of "
    "the time goes into waiting for routers to start. Whoever reads on learns how the intergration of all these parts was "
    "done here, what broke on the way, and which of the parts would be chosen again by their author in 3 years. "
    "At the end there are the complete files, so that the reader can try the same at home with 2 routers and 1 switch."
)
MENDED = WORDS.replace("Perfomance", "Performance").replace("intergration", "integration")
ONE_MENDED = WORDS.replace("Perfomance", "Performance")


def article(
    date: str, text: str = MENDED, *, slug: str = "network-ci-intro", title: str = "Network CI", days: float | None = 2
) -> Item:
    where = f"{SITE}/blog/{date}/{slug}/"
    return Item(title, where, where, text, None if days is None else START - timedelta(days=days))


OLD, NEW = "2016/02/19", "2016/02/17"


@pytest.mark.parametrize(
    "other",
    {
        "with slips mended": MENDED,
        "with a letter too many": WORDS.replace("laboratory", "laborattory"),
        "with neighbours exchanged": WORDS.replace("laboratory", "labroatory"),
        "with a slip mended and a short word put in": ONE_MENDED.replace("why the tests", "why all the tests"),
        "with a slip mended and a short word taken out": ONE_MENDED.replace("of all these parts", "of these parts"),
    }.items(),
    ids=lambda each: each[0],
)
def test_a_text_is_the_same(other: tuple[str, str]) -> None:
    assert mended(WORDS, other[1])
    assert mended(other[1], WORDS)


NOT_THE_SAME = {
    "equal to the letter, as a column's is": WORDS,
    "another number": MENDED.replace("3 years", "4 years"),
    "another day of the week": WORDS.replace("this article", "this Tuesday article"),
    "a day for a day": (WORDS.replace("changed", "Tuesday"), WORDS.replace("changed", "Thursday")),
    "a short word put in": WORDS.replace("why the tests", "why all the tests"),
    "not, put in": WORDS.replace("is tested", "is not tested"),
    **{
        f"{one} and {other}": (WORDS.replace("laboratory", one), WORDS.replace("laboratory", other))
        for one, other in [
            ("possible", "impossible"),
            ("changed", "unchanged"),
            ("available", "unavailable"),
            ("tirsdag", "torsdag"),
            ("Montag", "Sonntag"),
            ("Martin", "Martina"),
            ("Schmidt", "Schmitt"),
            ("Austria", "Australia"),
            ("eastbound", "westbound"),
            ("million", "billion"),
            ("million", "millions"),
            ("červen", "červenec"),
            ("今天下午星期一开会讨论", "今天下午星期二开会讨论"),
            ("abcdef7", "abcdef8"),
            ("net", "nets"),
        ]
    },
    "another name": (WORDS.replace("laboratory", "Barcelona"), WORDS.replace("laboratory", "Valencia")),
    "the same words in another order": f"{' '.join(reversed(WORDS.split()))} And more.",
    "another guest": (f"{WORDS} With us was Bob.", f"{WORDS} With us was Eve."),
    "a guest more": (f"{WORDS} With us was Bob.", f"{WORDS} With us was Bob and Eve."),
    "a short word for another": MENDED.replace("and tried", "or tried"),
    "a word more": MENDED.replace("a server", "a dedicated server"),
    "a paragraph more": f"{MENDED} And since then much has been heard about the whole of it from readers everywhere.",
    "too many slips": " ".join(f"{word}s" if len(word) > 5 else word for word in WORDS.split()),
    "a word without end": (f"{WORDS} {'a' * 60_000}b", f"{WORDS} {'a' * 60_000}c"),
    "short": ("Perfomance matters less than one may think.", "Performance matters less than one may think."),
    "empty": ("", ""),
}


@pytest.mark.parametrize("texts", NOT_THE_SAME.values(), ids=NOT_THE_SAME.keys())
def test_a_text_is_another(texts: str | tuple[str, str]) -> None:
    one, other = texts if isinstance(texts, tuple) else (WORDS, texts)
    assert not mended(one, other)
    assert not mended(other, one)


async def test_a_copy_under_another_date_is_remembered_and_not_posted(follower: Follower) -> None:
    await follower.poll(items([2, 1]))
    assert await follower.poll([article(OLD, WORDS), *items([2, 1])]) == ["Network CI"]
    assert await follower.poll([article(OLD, WORDS), article(NEW), *items([2, 1])]) == []
    assert follower.skipped == ["Network CI"]
    # Neither one's end makes the other new.
    assert await follower.poll([article(NEW), *items([2, 1])]) == []
    assert await follower.poll([article(OLD), *items([2, 1])]) == []
    assert await follower.poll([item(3), article(OLD), article(NEW), *items([2, 1])]) == ["Article 3"]


async def test_of_an_article_and_its_copy_that_come_together_the_upper_one_is_posted(follower: Follower) -> None:
    await follower.poll(items([2, 1]))
    assert await follower.poll([article(OLD, WORDS), article(NEW), *items([2, 1])]) == ["Network CI"]
    assert follower.skipped == ["Network CI"]


async def test_a_later_article_of_the_same_kind_is_posted(follower: Follower) -> None:
    await follower.poll([article(OLD, WORDS), *items([2, 1])])
    later = article("2017/01/01", WORDS.replace("3 years", "4 years"))
    assert await follower.poll([later, article(OLD, WORDS), *items([2, 1])]) == ["Network CI"]


@pytest.mark.parametrize(
    "other",
    {
        "the same words every day": article(NEW, WORDS),
        "another article under the same title": article(NEW, " ".join(reversed(WORDS.split())) + " And more."),
        "eight days apart": article(NEW, days=10.1),
        "no date": article(NEW, days=None),
        "numbers that are no date": article("2016-15"),
        "a title of other signs": article(NEW, title="Network CI?"),
        "another title": article(NEW, title="Network CI, part two"),
        "another address": article(NEW, slug="network-ci-part-two"),
        "another title and address": article(NEW, slug="network-ci-2", title="Network CI, part two"),
        "no date in its address": Item("Network CI", "urn:2", f"{SITE}/network-ci-intro", MENDED, START),
        "no address": Item("Network CI", "urn:2", None, MENDED, START),
    }.items(),
    ids=lambda each: each[0],
)
async def test_what_only_looks_like_a_copy_is_posted(follower: Follower, other: tuple[str, Item]) -> None:
    await follower.poll([article(OLD, WORDS), *items([2, 1])])
    assert await follower.poll([other[1], article(OLD, WORDS), *items([2, 1])]) == [other[1].title]
    assert follower.skipped == []


async def test_a_feed_s_first_reading_looks_for_no_copies(follower: Follower) -> None:
    await follower.poll([article(OLD, WORDS), article(NEW), *items([2, 1])])
    assert follower.skipped == []


def test_what_is_skipped_already_keeps_its_reason() -> None:
    archived = [
        MatchedEntry(
            replace(entry(n, position=n), link=f"{SITE}/{date}/ci", title="CI", text=text),
            f"g:{n}",
            None,
            skip_reason="archive",
        )
        for n, (date, text) in enumerate([(OLD, WORDS), (NEW, MENDED)])
    ]
    assert [each.skip_reason for each in republished.without_copies(archived)] == ["archive", "archive"]


def recognised(body: bytes, known: set[int]) -> list[UnchangedEntry]:
    made = item_scanner.scan(body)
    assert made is not None
    stored = [StoredEntry(n, f"u{n}", entry(n).keys, None, made[n].key) for n in sorted(known)]
    return list(new_entries.recognise(made, stored))


@pytest.mark.parametrize(
    ("listed", "known", "beside"),
    [
        ([article(NEW), article(OLD, WORDS), item(1)], {1, 2}, {1}),
        ([article(OLD, WORDS), article(NEW), item(1)], {0, 2}, {0}),
        ([article(NEW, slug="other-things"), article(OLD, WORDS), item(1)], {1, 2}, set()),
        ([item(2), article(OLD, WORDS), item(1)], {1, 2}, set()),
        ([*(article(NEW, slug=f"other-{n}") for n in range(9)), article(NEW), article(OLD, WORDS)], {10}, {10}),
        (
            [article(NEW, slug="index.html"), *(article(f"2016/01/{n}", slug="index.html") for n in range(10, 16))],
            {*range(1, 7)},
            set(),
        ),
        ([article(NEW), article(OLD, WORDS)], {0, 1}, set()),
    ],
    ids=["below", "above", "another address", "no date", "tenth of the new", "a name of many", "nothing is new"],
)
def test_what_a_new_item_may_be_a_copy_of_is_read_too(listed: list[Item], known: set[int], beside: set[int]) -> None:
    body = rss(listed)
    found = republished.related(body, item_scanner.scan(body) or (), recognised(body, known))
    assert found == beside


@pytest.mark.parametrize(
    "own",
    [
        "<link>https://b.example/2016/02/17/the-name/</link>",
        "<link>\n  https://b.example/2016/02/17/the-name?utm_source=x\n</link>",
        "<link><![CDATA[https://b.example/2016/02/17/the-name]]></link>",
        '<link rel="alternate" href="https://b.example/2016/02/17/the-name"/>',
        "<id>https://b.example/2016/02/17/the-name</id>",
        '<guid isPermaLink="true">https://b.example/2016-02-17-the-name</guid>',
        '<atom:link xmlns:atom="http://www.w3.org/2005/Atom" href="https://b.example/2016/02/the-name"/>',
    ],
)
def test_an_item_s_own_address_is_found_however_it_is_written(own: str) -> None:
    body = (
        f"<rss><channel><item>{own}</item>"
        "<item><link>https://b.example/2016/02/19/the-name</link></item></channel></rss>"
    ).encode()
    assert republished.related(body, item_scanner.scan(body) or (), recognised(body, {1})) == {1}


def test_a_document_made_to_be_compared_without_end_costs_little() -> None:
    """Counted, not timed: how many texts are taken apart."""
    asked = []
    many = [
        MatchedEntry(
            replace(
                entry(n, position=n, published=START),
                link=f"{SITE}/2016/02/{n % 28 + 1}/ci",
                title="CI",
                text=f"{WORDS} No. {n}",
            ),
            f"g:{n}",
            None,
        )
        for n in range(500)
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(republished, "mended", lambda one, other: asked.append((one, other)))
        republished.without_copies(many)
    assert len(asked) == republished.MAX_COMPARED
    far = rss([article(NEW, slug=f"name-{n:03}") for n in range(100)] + [article(OLD, WORDS, slug="name-099")])
    assert republished.related(far, item_scanner.scan(far) or (), recognised(far, {100})) == set()
    assert (
        republished.related(far + b" " * republished.MAX_BYTES, item_scanner.scan(far) or (), recognised(far, {100}))
        == set()
    )
