"""Every command as a person uses it: what is typed, what is answered."""

import gc

import pytest

pytest.importorskip("simcord", reason="the command tests need simcord: scripts/test installs it")

import simcord

from bot.model import FailureKind, FetchFailed, ParsedFeed, PollKind
from cogs.ui.replies import EXPIRED
from cogs.ui.views import TIMEOUT_SECONDS
from tests.builders import START, at, entry, read_outcome
from tests.cogs.conftest import FEED, World, reply
from tests.fakes import found


async def test_a_topic_is_made_listed_and_deleted_after_a_question(world: World) -> None:
    made = await world.ask("topic create", name="Networks", channel=world.news, colour="#2f6f9f")
    assert made.private
    assert "The topic **Networks** posts in" in made.text
    assert "/subscribe" in made.text
    assert "**Networks** →" in (await world.ask("topic list")).text
    question = await world.ask("topic delete", name="networks")
    assert "Delete the topic **Networks** with 0 sources?" in question.text
    await world.manager.click(question.message, label="Delete")
    assert "There is no topic yet" in (await world.ask("topic list")).text


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"name": "Networks"}, "There is already a topic called “Networks”. Choose another name"),
        ({"name": "x" * 60}, "between 1 and 50 characters"),
        ({"name": "Other", "colour": "ultraviolet"}, "I cannot read that colour. Give a name"),
    ],
    ids=["taken", "too long", "no colour"],
)
async def test_a_topic_that_cannot_be_made_says_why_and_what_to_do(
    world: World, options: dict[str, str], words: str
) -> None:
    await world.ask("topic create", name="networks", channel=world.news)
    assert words in (await world.ask("topic create", channel=world.news, **options)).text


async def test_missing_permissions_are_named_at_once(world: World) -> None:
    told = await world.ask("topic create", name="Closed", channel=world.closed)
    assert "I lack **Embed Links**, **Read Message History** in" in told.text
    assert "settings → Permissions" in told.text


async def test_following_shows_the_newest_article_as_it_will_look(world: World) -> None:
    await world.ask("topic create", name="Networks", channel=world.news)
    told = await world.ask("subscribe", source=FEED, topic="Networks")
    assert "**Networks** gets a new source: **A blog**" in told.text
    assert [embed.title for embed in told.message.embeds] == ["Article 1"]
    assert told.message.embeds[0].author.name == "A blog"
    again = await world.ask("subscribe", source=FEED, topic="Networks")
    assert "has this source already" in again.text


async def test_several_feeds_of_a_site_are_offered_in_a_menu(world: World) -> None:
    other = "https://blog.example/talks"
    world.discovery.put(
        "https://blog.example",
        found(FEED, "Posts", [entry(1)]),
        found(other, "Talks", [entry(2, published=at(-1))]),
    )
    await world.ask("topic create", name="Networks", channel=world.news)
    menu = await world.ask("subscribe", source="blog.example", topic="Networks")
    assert "has 2 feeds. Which of them" in menu.text
    [row] = menu.message.components
    assert [(each["label"], each["description"]) for each in row["components"][0]["options"]] == [
        ("Posts", "1 article · blog.example/feed"),
        ("Talks", "1 article · blog.example/talks"),
    ]
    picked = reply(await world.manager.select(menu.message, ["1"]))
    assert "**Networks** gets a new source: **Talks**" in picked.text


async def test_what_is_chosen_from_a_menu_is_read_as_it_is_then_and_the_menu_keeps_no_document(world: World) -> None:
    other = "https://blog.example/talks"
    feeds = [found(FEED, "Posts", [entry(1)]), found(other, "Talks to keep", [entry(2, published=at(-1))])]
    world.discovery.put("https://blog.example", *feeds)
    await world.ask("topic create", name="Networks", channel=world.news)
    menu = await world.ask("subscribe", source="blog.example", topic="Networks")
    world.discovery.put("https://blog.example")
    world.discovery.put(FEED)
    world.discovery.put(other, found(other, "Talks", [entry(3, published=at(-1), title="Newer")]))
    del feeds
    gc.collect()
    assert [
        each.title for each in gc.get_objects() if isinstance(each, ParsedFeed) and each.title == "Talks to keep"
    ] == []
    picked = reply(await world.manager.select(menu.message, ["1"]))
    assert [embed.title for embed in picked.message.embeds] == ["Newer"]


@pytest.mark.parametrize(
    ("source", "topic", "words"),
    [
        ("my favourite blog", "Networks", "That is not a web address. Paste the address of a site"),
        ("https://nothing.example", "Networks", "I found no feed at https://nothing.example"),
        (FEED, "Cloud", "There is no topic called “Cloud” here. Choose from the list"),
    ],
    ids=["no address", "no feed", "no topic"],
)
async def test_what_cannot_be_followed_is_said_in_plain_words(
    world: World, source: str, topic: str, words: str
) -> None:
    await world.ask("topic create", name="Networks", channel=world.news)
    told = await world.ask("subscribe", source=source, topic=topic)
    assert words in told.text
    assert told.private


async def test_sources_show_how_each_is_doing(world: World) -> None:
    assert "There is no source yet" in (await world.ask("sources")).text
    await world.followed()
    told = (await world.ask("sources", topic="Networks")).text
    assert "1 source" in told
    assert "✅ [A blog](<https://blog.example/>) → Networks" in told
    assert "49 a week" in told
    assert "next <t:" in told


async def test_a_failing_source_s_new_address_is_offered_and_how_to_switch(world: World) -> None:
    await world.followed()
    feed = await world.store.feeds.ensure(FEED, now=START)
    failure = FetchFailed(FailureKind.HTTP, "There is nothing at this address (404).", 404)
    for minute in range(1, 6):
        outcome = read_outcome(feed, now=at(minute), kind=PollKind.FAILED, failure=failure)
        await world.store.entries.apply(outcome)
    assert await world.store.suggestions.claim_lost(now=at(10)) is not None
    await world.store.suggestions.suggest(feed.id, "https://blog.example/new")
    told = (await world.ask("sources")).text
    assert "⚠️ [A blog](" in told
    assert "failing, first <t:" in told
    assert "There is nothing at this address (404)" in told
    assert (
        "Its site has another feed: <https://blog.example/new>. "
        "To switch, add that with `/subscribe`, then remove this one with `/unsubscribe`." in told
    )


async def test_unsubscribing_by_the_suggested_value_or_by_title(world: World) -> None:
    await world.followed()
    [choice] = await world.manager.autocomplete(world.news, "unsubscribe", "source", "blog", topic="Networks")
    assert choice["name"] == "A blog (blog.example)"
    gone = await world.ask("unsubscribe", source=choice["value"], topic="Networks")
    assert "**A blog** is removed from **Networks**" in gone.text
    nothing = await world.ask("unsubscribe", source="A blog", topic="Networks")
    assert "has no such source" in nothing.text


async def test_the_river_is_read_page_by_page(world: World) -> None:
    await world.followed()
    first = await world.ask("latest")
    assert "**[Article 1](<https://blog.example/1>)**" in first.text
    assert "7 articles · page 1 of 2" in first.text
    assert "Article 6" not in first.text
    second = reply(await world.manager.click(first.message, label="Older ▶"))
    assert "Article 6" in second.text
    assert "page 2 of 2" in second.text


async def test_searching_finds_words_in_title_and_text_and_says_when_there_is_nothing(world: World) -> None:
    await world.followed()
    assert "**[__Article 3__](<https://blog.example/3>)**" in (await world.ask("search", query="article 3")).text
    assert "Nothing found" in (await world.ask("search", query="bananas")).text
    assert "Type at least one word" in (await world.ask("search", query="!?")).text


async def test_the_buttons_of_one_person_are_not_another_s(world: World) -> None:
    await world.followed()
    result = await world.reader.slash(world.news, "latest")
    assert reply(result).private
    assert "Article 1" in reply(result).text


async def test_buttons_and_menus_that_nobody_used_are_taken_away_with_a_word(world: World) -> None:
    world.discovery.put("https://blog.example", found(FEED, "Posts", [entry(1)]), found(f"{FEED}/2", "Talks", []))
    await world.followed()
    river = await world.ask("latest")
    menu = await world.ask("subscribe", source="blog.example", topic="Networks")
    question = await world.ask("topic delete", name="Networks")
    assert all(each.message.components for each in (river, menu, question))
    await world.env.advance_time(TIMEOUT_SECONDS - 60)
    await world.manager.click(river.message, label="Older ▶")  # who still reads keeps the buttons
    await world.env.advance_time(61)
    assert [bool(each.message.components) for each in (river, menu, question)] == [True, False, False]
    assert menu.message.content == question.message.content == EXPIRED
    await world.env.advance_time(TIMEOUT_SECONDS)
    assert (river.message.content, river.message.components) == (EXPIRED, [])


async def test_a_menu_that_was_used_is_taken_away_at_once(world: World) -> None:
    world.discovery.put("https://blog.example", found(FEED, "Posts", [entry(1)]), found(f"{FEED}/2", "Talks", []))
    await world.ask("topic create", name="Networks", channel=world.news)
    menu = await world.ask("subscribe", source="blog.example", topic="Networks")
    await world.manager.select(menu.message, ["1"])
    assert menu.message.components == []
    await world.env.advance_time(TIMEOUT_SECONDS * 2)
    assert "has 2 feeds" in menu.message.content


async def test_an_unforeseen_error_is_answered_without_internals(world: World) -> None:
    await world.ask("topic create", name="Networks", channel=world.news)
    world.discovery.break_with(ZeroDivisionError("secret detail"))
    told = await world.ask("subscribe", source=FEED, topic="Networks")
    assert "Something went wrong on my side. Please look whether it worked" in told.text
    assert "secret" not in told.text
    assert "ZeroDivision" not in told.text


async def test_managing_needs_manage_channels(world: World) -> None:
    personal = {"saved", "follow words", "follow source", "follow topic", "following", "unfollow", "forget me"}
    reading = {"help", "latest", "search", "sources", "why"}
    assert set(world.reader.available_commands(world.news)) == reading | personal
    assert {"subscribe", "unsubscribe", "topic create", "topic delete", "topic list"} < set(
        world.manager.available_commands(world.news)
    )
    with pytest.raises(simcord.SetupError, match="not visible to this user"):
        await world.reader.slash(world.news, "topic create", name="x", channel=world.news)


@pytest.mark.parametrize("source", ["blog." + "y" * 5_000, "https://blog.example/" + "y" * 5_000])
async def test_an_error_that_repeats_something_very_long_is_told_all_the_same(world: World, source: str) -> None:
    await world.followed()
    assert "found no feed" in (await world.ask("subscribe", source=source, topic="Networks")).text
    moved = await world.ask("source move", source="A blog", topic="Networks", from_topic="x" * 5_000)
    assert "does not have" in moved.text
