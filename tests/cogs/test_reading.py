"""/latest and /search as people use them: pages, jumps, marks, wrong input."""

import pytest

pytest.importorskip("simcord", reason="the command tests need simcord: scripts/test installs it")

import simcord
import sqlalchemy as sa

from tests.builders import at, entry, new, read_outcome
from tests.cogs import golden
from tests.cogs.conftest import FEED, World, reply
from tests.excerpts import discord_markdown
from tests.fakes import found

AREA = "reading"
OTHER = "https://cats.example/feed"


async def followed(world: World, articles: int = 23) -> None:
    """The topic "Networks" follows the blog with so many articles."""
    listed = [entry(n, published=at(-n), position=n) for n in range(1, articles + 1)]
    world.discovery.put(FEED, found(FEED, "A blog", listed))
    await world.followed()


async def publish(world: World, *numbers: int) -> None:
    feed = await world.store.feeds.ensure(FEED, now=at(0))
    await world.store.entries.apply(
        read_outcome(feed, *(new(number, published=at(number - 100)) for number in numbers), now=at(200))
    )


def titles(text: str) -> list[str]:
    return [line.split("](")[0].removeprefix("**[") for line in text.splitlines() if line.startswith("**[")]


async def press(world: World, message: simcord.ResponseMessage, label: str) -> str:
    return reply(await world.manager.click(message, label=label)).text


async def test_the_river_is_turned_to_its_ends_and_back(world: World) -> None:
    await followed(world)
    first = await world.ask("latest")
    golden.check(AREA, "/latest", first.text)
    assert titles(await press(world, first.message, "Last ⏭")) == ["Article 21", "Article 22", "Article 23"]
    assert titles(await press(world, first.message, "◀ Newer")) == [f"Article {n}" for n in range(16, 21)]
    assert titles(await press(world, first.message, "⏮ First")) == [f"Article {n}" for n in range(1, 6)]
    assert "page 2 of 5" in await press(world, first.message, "Older ▶")


@pytest.mark.parametrize(("typed", "page"), [("4", 4), ("page 4", 4), ("0", 1), ("99999", 5)])
async def test_a_page_is_jumped_to_by_its_number(world: World, typed: str, page: int) -> None:
    await followed(world)
    first = await world.ask("latest")
    shown = await world.manager.click(first.message, label="1 / 5")
    told = reply(await world.manager.submit_modal(shown, {"page": typed}))
    assert f"page {page} of 5" in told.text
    assert titles(told.text)[0] == f"Article {page * 5 - 4}"


async def test_a_jump_to_what_is_no_number_says_what_to_type(world: World) -> None:
    await followed(world)
    first = await world.ask("latest")
    shown = await world.manager.click(first.message, label="1 / 5")
    golden.check(AREA, "jump to no number", reply(await world.manager.submit_modal(shown, {"page": "last"})).text)


async def test_what_comes_while_somebody_reads_neither_doubles_nor_hides_an_article(world: World) -> None:
    await followed(world)
    first = await world.ask("latest")
    await publish(world, 101, 102)
    older = await press(world, first.message, "Older ▶")
    assert titles(older) == [f"Article {n}" for n in range(6, 11)]
    assert "25 articles · page 3 of 6" in older
    assert titles(await press(world, first.message, "◀ Newer")) == [f"Article {n}" for n in range(1, 6)]
    assert titles(await press(world, first.message, "◀ Newer")) == ["Article 102", "Article 101"]


async def test_a_topic_or_a_source_has_a_river_of_its_own(world: World) -> None:
    await followed(world, 3)
    await world.ask("topic create", name="Animals", channel=world.news)
    world.discovery.put(OTHER, found(OTHER, "All cats", [entry(50, published=at(-1), title="A cat")]))
    await world.ask("subscribe", source=OTHER, topic="Animals")
    assert titles((await world.ask("latest", topic="Animals")).text) == ["A cat"]
    of_source = await world.ask("latest", source="A blog")
    assert titles(of_source.text) == ["Article 1", "Article 2", "Article 3"]
    assert "Latest in A blog" in of_source.text
    assert len(titles((await world.ask("latest")).text)) == 4
    [choice] = await world.manager.autocomplete(world.news, "latest", "source", "cats")
    assert titles((await world.ask("latest", source=choice["value"])).text) == ["A cat"]
    golden.check(AREA, "/latest, no such source", (await world.ask("latest", source="Nobody's blog")).text)
    golden.check(
        AREA, "/latest, a source of another topic", (await world.ask("latest", topic="Animals", source="A blog")).text
    )


async def test_an_empty_river_says_what_to_do(world: World) -> None:
    golden.check(AREA, "/latest, nothing yet", (await world.ask("latest")).text)


async def test_two_servers_read_only_what_is_theirs(world: World) -> None:
    await followed(world)
    other = world.env.create_guild("Others")
    channel = other.create_text_channel("talk")
    stranger = other.add_member(world.env.create_user("sam"))
    for command, options in (("latest", {}), ("search", {"query": "article"})):
        told = reply(await stranger.slash(channel, command, **options))
        assert titles(told.text) == []
    assert "has no such source" in reply(await stranger.slash(channel, "latest", source="A blog")).text


async def test_hits_are_marked_and_turned_like_pages(world: World) -> None:
    await followed(world)
    first = await world.ask("search", query="article")
    golden.check(AREA, "/search", first.text)
    assert titles(await press(world, first.message, "Older ▶"))[0] == "__Article__ 6"
    await publish(world, 101)
    assert titles(await press(world, first.message, "◀ Newer"))[0] == "__Article__ 1"
    shown = await world.manager.click(first.message, label="1 / 5")
    jumped = reply(await world.manager.submit_modal(shown, {"page": "3"}))
    assert "page 3 of 5" in jumped.text


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ('"article 7"', ["__Article 7__"]),
        ("article -text", []),
        ("7 OR 8", ["Article __7__", "Article __8__"]),
        ("artic* 9", ["__Article 9__"]),
        ("ARTICLE 9", ["__Article 9__"]),
        ("artic 9", ["__Article 9__"]),
        ('" (title: NEAR*', []),
    ],
)
async def test_words_phrases_exclusions_and_beginnings(world: World, query: str, wanted: list[str]) -> None:
    await followed(world, 9)
    assert titles((await world.ask("search", query=query)).text) == wanted


async def test_a_search_is_narrowed_by_time_topic_and_source(world: World) -> None:
    await followed(world, 4)
    world.clock.advance(10 * 86_400)
    assert len(titles((await world.ask("search", query="article", since="month")).text)) == 4
    assert titles((await world.ask("search", query="article", since="week")).text) == []
    assert len(titles((await world.ask("search", query="article", topic="Networks", source="A blog")).text)) == 4


async def test_the_best_comes_first_where_that_is_asked_for(world: World) -> None:
    listed = [
        entry(1, published=at(-1), position=1, title="Weather with a cable in it, far down and long"),
        entry(2, published=at(-2), position=2, title="Submarine cable cut"),
        entry(3, published=at(-3), position=3, title="Cable and then a submarine"),
    ]
    world.discovery.put(FEED, found(FEED, "A blog", listed))
    await world.followed()
    told = await world.ask("search", query="submarine cable", order="best")
    assert titles(told.text) == ["__Submarine cable__ cut", "__Cable__ and then a __submarine__"]
    newest = await world.ask("search", query="cable", order="newest")
    best = await world.ask("search", query="cable", order="best")
    assert titles(newest.text)[0].startswith("Weather")
    assert titles(best.text)[0] == "__Cable__ and then a submarine"


async def test_what_cannot_be_searched_for_is_said_with_what_to_do(world: World) -> None:
    await followed(world, 3)
    golden.check(AREA, "/search, nothing found", (await world.ask("search", query="bananas")).text)
    golden.check(AREA, "/search, no word", (await world.ask("search", query="!?")).text)
    golden.check(AREA, "/search, only exclusions", (await world.ask("search", query="-spam")).text)
    golden.check(AREA, "/search, longer words", (await world.ask("search", query="artic")).text)
    golden.check(AREA, "/search, no such topic", (await world.ask("search", query="a", topic="Nope")).text)


async def test_a_slip_of_the_fingers_finds_what_was_meant_among_what_the_reader_may_see(world: World) -> None:
    listed = [
        entry(1, published=at(-1), position=1, title="A submarine Câble is cut"),
        entry(2, published=at(-2), position=2, title="News of fables"),
    ]
    world.discovery.put(FEED, found(FEED, "A blog", listed))
    await world.followed()
    assert titles((await world.ask("search", query="cabel")).text) == ["A submarine __Câble__ is cut"]
    for typed in ("submarine cablle", "sumbarine cabel", "submarine -spam cabl"):
        assert titles((await world.ask("search", query=typed)).text) == ["A __submarine Câble__ is cut"], typed
    for order in ("newest", "best"):
        golden.check(AREA, "/search, a slip", (await world.ask("search", query="sumbarine cabel", order=order)).text)
    assert "Nothing found" in (await world.ask("search", query="zzzqqq")).text


async def test_what_no_reader_here_may_see_is_never_what_was_meant(world: World) -> None:
    await followed(world, 1)
    feed = await world.store.feeds.ensure(OTHER, now=at(0))
    await world.store.entries.apply(read_outcome(feed, new(7, title="Secret cable"), now=at(1)))
    assert "cable" not in (await world.ask("search", query="cabel")).text


async def test_after_an_upgrade_readers_are_told_that_older_articles_are_not_searched_yet(world: World) -> None:
    await followed(world, 3)
    async with world.store._database.write() as connection:
        await connection.execute(sa.text("UPDATE search_index SET indexed_from = 2"))
    golden.check(AREA, "/search, while the index is made", (await world.ask("search", query="article")).text)
    golden.check(AREA, "/search, nothing found yet", (await world.ask("search", query="bananas")).text)
    while await world.store.search_index.fill():
        pass
    assert "update" not in (await world.ask("search", query="article")).text


async def test_a_text_full_of_markdown_cannot_format_or_mention(world: World) -> None:
    world.discovery.put(
        FEED,
        found(
            FEED,
            "A blog",
            [entry(1, published=at(-1), position=1, title="**cats** @everyone [x](https://evil.example)")],
        ),
    )
    await world.followed()
    told = (await world.ask("search", query="cats")).text
    assert "@everyone" not in told
    assert "\\](https://evil" in told
    assert "x](https://evil" not in told
    golden.check(AREA, "/search, a title full of Markdown", told)


@pytest.mark.parametrize(
    "title",
    [
        "Read this: https://t.example/a_b now",
        "A [draft",
        "A draft]",
        "LWN [$] news",
        "Half ](https://evil.example) way",
    ],
)
async def test_a_title_with_an_address_or_a_bracket_in_it_still_leads_to_its_article(world: World, title: str) -> None:
    world.discovery.put(FEED, found(FEED, "A blog", [entry(1, title=title)]))
    await world.followed()
    for told in (
        await world.ask("latest"),
        await world.ask("search", query="article OR read OR draft OR news OR half"),
    ):
        read = discord_markdown.parse(told.message.embeds[0].description or "")
        links = [each for node in read for each in (node, *node.children) if each.kind == "link"]
        assert [link.detail for link in links] == ["https://blog.example/1"], told.text
