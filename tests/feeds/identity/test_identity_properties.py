"""Whatever a feed does with its articles, each of them is new exactly once."""

import asyncio
import tempfile
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.feeds.identity.identify import keys
from bot.model import Entry
from tests.builders import START
from tests.feeds.history import Follower, Item
from tests.feeds.identity.test_identify import Memory

GUIDS = (
    "urn:article:{}",
    "https://blog.example.test/?p={}",
    "http://www.blog.example.test/?p={}",
    "https://blog.example.test/?p={}&utm_source=rss",
    "cms-{}",
)
LINKS = (
    "https://blog.example.test/articles/{}",
    "http://www.blog.example.test/articles/{}/",
    "https://blog.example.test/articles/{}?utm_campaign=feed",
)
OTHER_SITE = "https://moved.example.test/{}"


@dataclass(frozen=True, slots=True)
class Step:
    """One document: which articles it lists in which order, and what the site changed before it."""

    listed: list[int]
    guids: int
    links: int
    edited: set[int]
    copied: list[int]
    dated: int | None
    moved: bool


@dataclass(slots=True)
class Site:
    """The articles as they are, hidden from whoever reads the feed."""

    same_titles: bool
    guids: int = 0
    edits: Counter[int] = field(default_factory=Counter)
    moved: bool = False

    def document(self, step: Step) -> list[tuple[int, Item]]:
        """The numbers of the articles beside what the feed says of them."""
        self.moved = self.moved or step.moved
        self.guids = step.guids
        self.edits.update(step.edited)
        listed = [(number, self._item(number, step)) for number in dict.fromkeys(step.listed)]
        return [*listed, *(pair for pair in listed if pair[0] in step.copied)]

    def _item(self, number: int, step: Step) -> Item:
        return Item(
            title="News" if self.same_titles else f"Article {number} ({self.edits[number]})",
            guid=GUIDS[self.guids].format(number),
            link=(OTHER_SITE if self.moved else LINKS[step.links]).format(number),
            text=f"Words of {number}, edited {self.edits[number]} times",
            date=None if step.dated is None else START + timedelta(days=step.dated * number),
        )


def entry_of(item: Item, position: int) -> Entry:
    assert item.title is not None
    made = keys(guid=item.guid, link=item.link, title=item.title, html=item.text)
    return Entry(keys=made, position=position, guid=item.guid, link=item.link, title=item.title, text=item.text)


@st.composite
def steps(draw: st.DrawFn, *, at_least: int = 1) -> list[Step]:
    """Two to eight documents. Articles come, go and come back, and the site changes what it likes."""
    made = []
    newest = draw(st.integers(1, 6))
    for _ in range(draw(st.integers(2, 8))):
        newest += draw(st.integers(0, 3))
        everything = list(range(newest + 1))
        listed = draw(
            st.lists(st.sampled_from(everything), min_size=min(at_least, newest + 1), max_size=8, unique=True)
        )
        made.append(
            Step(
                listed=listed,
                guids=draw(st.sampled_from(range(len(GUIDS)))),
                links=draw(st.sampled_from(range(len(LINKS)))),
                edited=draw(st.sets(st.sampled_from(everything), max_size=3)),
                copied=draw(st.lists(st.sampled_from(everything), max_size=2)),
                dated=draw(st.none() | st.integers(-400, 400)),
                moved=draw(st.booleans()),
            )
        )
    return made


def new_in(memory: Memory, listed: list[tuple[int, Item]]) -> list[int]:
    entries = [entry_of(item, position) for position, (_, item) in enumerate(listed)]
    numbers = [number for number, _ in listed]
    return [numbers[found.entry.position] for found in memory.poll(entries) if found.known_id is None]


@settings(max_examples=150)
@given(steps(at_least=2), st.booleans())
def test_each_article_is_new_once_whatever_guids_dates_order_and_words_do(made: list[Step], same: bool) -> None:
    memory, site = Memory(), Site(same_titles=same)
    seen: set[int] = set()
    for step in (replace(step, moved=False) for step in made):
        found = new_in(memory, site.document(step))
        assert sorted(found) == sorted(set(step.listed) - seen)
        seen |= set(step.listed)


@settings(max_examples=100)
@given(steps(at_least=2), st.booleans())
def test_a_site_may_move_while_its_guids_stay(made: list[Step], same: bool) -> None:
    memory, site = Memory(), Site(same_titles=same)
    seen: set[int] = set()
    for step in (replace(step, guids=0) for step in made):
        assert sorted(new_in(memory, site.document(step))) == sorted(set(step.listed) - seen)
        seen |= set(step.listed)


@settings(max_examples=100)
@given(steps(), st.sampled_from(["no guid", "no link", "one link for all", "one guid for all"]))
def test_each_article_is_new_once_where_a_key_is_missing_or_says_nothing(made: list[Step], lack: str) -> None:
    lacks: dict[str, dict[str, str | None]] = {
        "no guid": {"guid": None},
        "no link": {"link": None},
        "one link for all": {"link": "https://blog.example.test/news"},
        "one guid for all": {"guid": "the feed"},
    }
    changes = lacks[lack]
    memory, site = Memory(), Site(same_titles=True)
    seen: set[int] = set()
    # With one key less, the other one has to stay.
    for step in (
        replace(step, moved=False, guids=0, edited=set() if lack == "one guid for all" else step.edited)
        for step in made
    ):
        listed = [(number, replace(item, **changes)) for number, item in site.document(step)]  # type: ignore[arg-type]
        assert sorted(new_in(memory, listed)) == sorted(set(step.listed) - seen)
        seen |= set(step.listed)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps(at_least=2))
def test_each_article_is_queued_once_through_parser_and_store(empty_database: Path, made: list[Step]) -> None:
    async def posts(folder: str) -> list[str]:
        follower = await Follower.open(Path(folder) / "riverpost.db", like=empty_database)
        site = Site(same_titles=False)
        queued = []
        try:
            assert await follower.poll([Item(title="The baseline", guid="baseline")]) == []
            for step in made:
                queued += await follower.poll([item for _, item in site.document(replace(step, moved=False))])
        finally:
            await follower.store.close()
        return queued

    with tempfile.TemporaryDirectory() as folder:
        queued = asyncio.run(posts(folder))
    # The titles are those of the time of queueing.
    assert Counter(title.split(" (")[0] for title in queued) == Counter(
        f"Article {number}" for number in {number for step in made for number in step.listed}
    )


@settings(max_examples=100)
@given(st.data())
def test_no_two_results_share_a_uid_or_a_stored_entry_whatever_is_listed(data: st.DataObject) -> None:
    """Documents without sense: any guid, link, title and text, from few."""
    memory = Memory()
    few = st.sampled_from([None, "a", "b", "c"])
    for _ in range(4):
        rows = data.draw(st.lists(st.tuples(few, few, st.sampled_from("xyz"), st.sampled_from("uv")), max_size=8))
        entries = [
            entry_of(Item(title, guid, link and f"https://blog.example.test/{link}", text), position)
            for position, (guid, link, title, text) in enumerate(rows)
        ]
        listed = memory.poll(entries)
        known = [item.known_id for item in listed if item.known_id is not None]
        assert len(known) == len(set(known))
        assert len({item.uid for item in listed}) == len(listed)
        assert all(item.known_id is not None for item in memory.poll(entries))
