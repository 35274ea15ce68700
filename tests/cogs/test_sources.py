"""Sources: several at once, their state in lists, names of a server's own, moving from topic to topic."""

import re
from datetime import UTC, datetime, timedelta

import pytest

pytest.importorskip("simcord", reason="these tests need simcord: scripts/test installs it")

from bot.model import FailureKind, FetchFailed, PollKind
from tests.builders import START, at, entry, read_outcome
from tests.cogs import golden
from tests.cogs.conftest import FEED, World, reply
from tests.fakes import found


def check(area: str, name: str, text: str) -> None:
    """Hold a reply against its golden text; ids of channels differ from run to run."""
    golden.check(area, name, re.sub(r"<#\d+>", "<#channel>", text))


def fields(text_of: object) -> str:
    """An embed's fields as text."""
    [embed] = text_of.message.embeds  # type: ignore[attr-defined]
    return "\n".join(f"{field.name}: {field.value}" for field in embed.fields)


def blogs(world: World, count: int) -> list[str]:
    urls = [f"https://blog-{n}.example/feed" for n in range(count)]
    for n, url in enumerate(urls):
        world.discovery.put(url, found(url, f"Blog {n:02}", [entry(n, published=at(-n))]))
    return urls


async def test_several_addresses_at_once_are_answered_one_by_one(world: World) -> None:
    await world.followed()
    first, second = blogs(world, 2)
    world.discovery.put(
        "https://two.example", found(f"{first}/a", "A", [entry(1)]), found(f"{first}/b", "B", [entry(2)])
    )
    told = await world.ask(
        "subscribe", topic="Networks", source=f"{first}, {second}\n{FEED} two.example https://nothing.example {first}"
    )
    assert told.private
    check("sources", "several addresses at once", told.text)
    assert {each.title for each in await world.store.topics.sources(world.guild.id, now=START)} == {
        "A blog", "Blog 00", "Blog 01",
    }  # fmt: skip


async def test_too_many_addresses_are_refused_before_anything_is_read(world: World) -> None:
    await world.followed()
    told = await world.ask("subscribe", topic="Networks", source=" ".join(blogs(world, 21)))
    check("sources", "too many addresses at once", told.text)
    told = await world.ask("subscribe", topic="Cloud", source=" ".join(blogs(world, 2)))
    check("sources", "several addresses for no topic", told.text)


async def test_the_pace_of_a_server_counts_each_address(world: World) -> None:
    await world.followed()
    urls = blogs(world, 40)
    await world.ask("subscribe", topic="Networks", source=" ".join(urls[:20]))
    told = await world.ask("subscribe", topic="Networks", source=" ".join(urls[20:]))
    assert told.text.count("✅") == 9  # one of thirty in a minute was used before
    assert told.text.count("That was a lot of sources within a minute. Wait a minute, then go on.") == 11


async def test_sources_come_in_pages_with_their_states(world: World) -> None:
    await world.followed()
    await world.ask("subscribe", topic="Networks", source=" ".join(blogs(world, 14)))
    failing = await world.store.feeds.ensure("https://blog-0.example/feed", now=START)
    failure = FetchFailed(FailureKind.HTTP, "There is nothing at this address (404).", 404)
    await world.store.entries.apply(read_outcome(failing, now=at(1), kind=PollKind.FAILED, failure=failure))
    gone = await world.store.feeds.ensure("https://blog-1.example/feed", now=START)
    failure = FetchFailed(FailureKind.HTTP, "The host says that it was removed for good (410).", 410)
    await world.store.entries.apply(read_outcome(gone, now=at(1), kind=PollKind.GONE, failure=failure))
    slow = await world.store.feeds.ensure("https://blog-2.example/feed", now=START)
    await world.store.entries.apply(read_outcome(slow, now=at(1), kind=PollKind.POSTPONED, next_poll_at=at(600)))
    await world.ask("source pause", source="Blog 03")
    first = await world.ask("sources")
    check("sources", "the first page", first.text)
    second = reply(await world.manager.click(first.message, label="Next ▶"))
    assert second.text.count("→ Networks") == 5
    for name in ("Blog 00", "Blog 01", "Blog 02", "Blog 03", "Blog 04"):
        check("sources", f"in detail, {name}", fields(await world.ask("source show", source=name)))


async def test_a_source_in_detail_says_when_it_usually_publishes(world: World) -> None:
    await world.ask("topic create", name="Networks", channel=world.news)
    midnight = START - timedelta(hours=START.hour, minutes=START.minute)
    mornings = [midnight - timedelta(days=day) + timedelta(hours=8 + day % 2, minutes=day) for day in range(1, 30)]
    dates = [each for each in mornings if each.weekday() < 5]
    entries = [entry(number, published=date, position=number) for number, date in enumerate(dates)]
    world.discovery.put("https://daily.example/feed", found("https://daily.example/feed", "A daily", entries))
    await world.ask("subscribe", topic="Networks", source="https://daily.example/feed")
    told = fields(await world.ask("source show", source="A daily"))
    assert "Publishes: usually between <t:" in told
    assert [datetime.fromtimestamp(int(when), UTC).hour for when in re.findall(r"<t:(\d+):t>", told)] == [8, 10]
    check("sources", "in detail, with usual times", told)


async def test_a_source_gets_a_name_and_loses_it_again(world: World) -> None:
    await world.followed()
    golden.check(
        "sources", "renamed", (await world.ask("source rename", source="A blog", name=" The  *best* blog")).text
    )
    assert "The \u2217best\u2217 blog" in (await world.ask("sources")).text
    assert "The \\*best\\* blog" in (await world.ask("latest")).text
    [choice] = await world.manager.autocomplete(world.news, "source show", "source", "best")
    assert choice["name"] == "The *best* blog (blog.example)"
    check("sources", "a renamed source in detail", fields(await world.ask("source show", source="A blog")))
    again = await world.ask("subscribe", source=FEED, topic="Networks")
    assert again.message.embeds[0].author.name == "The *best* blog"
    check("sources", "its own name again", (await world.ask("source rename", source=choice["value"])).text)
    check("sources", "too long a name", (await world.ask("source rename", source="A blog", name="x" * 81)).text)
    check("sources", "a name for nothing", (await world.ask("source rename", source="B", name="C")).text)


async def test_a_source_moves_to_another_topic(world: World) -> None:
    await world.followed()
    other = world.guild.create_text_channel("other")
    await world.ask("topic create", name="Cloud", channel=other)
    check("sources", "moved", (await world.ask("source move", source="A blog", topic="Cloud")).text)
    assert "→ Cloud" in (await world.ask("sources")).text
    assert "deliver" in world.woken
    golden.check(
        "sources", "moved to where it is", (await world.ask("source move", source="A blog", topic="Cloud")).text
    )
    await world.ask("subscribe", source=FEED, topic="Networks")
    await world.ask("topic create", name="Third", channel=other)
    check("sources", "moved from which", (await world.ask("source move", source="A blog", topic="Third")).text)
    told = await world.ask("source move", source="A blog", topic="Cloud", from_topic="networks")
    check("sources", "moved into one that follows it", told.text)
    told = await world.ask("source move", source="A blog", topic="Third", from_topic="Networks")
    check("sources", "moved from where it is not", told.text)
    check("sources", "moved to no topic", (await world.ask("source move", source="A blog", topic="No")).text)
    await world.ask("topic create", name="Closed", channel=world.news)
    topic = await world.store.topics.get(world.guild.id, "Closed")
    assert topic is not None
    await world.store.changes.edit_topic(topic.id, name=None, channel_id=world.closed.id, colour=None, now=START)
    told = await world.ask("source move", source="A blog", topic="Closed")
    check("sources", "moved where I may not write", told.text)


async def test_only_managers_rename_and_move(world: World) -> None:
    assert {"source rename", "source move"} <= set(world.manager.available_commands(world.news))
    assert not {"source rename", "source move"} & set(world.reader.available_commands(world.news))


async def test_a_broken_address_among_several_keeps_nobody_from_hearing_of_the_others(world: World) -> None:
    await world.ask("topic create", name="Networks", channel=world.news)
    told = await world.ask("subscribe", source=f"{FEED} https://[mia:secret@blog.example", topic="Networks")
    assert "✅ **A blog**" in told.text
    assert "That is not a web address" in told.text
    assert "secret" not in told.text


async def test_a_source_whose_title_is_full_of_signs_is_shown(world: World) -> None:
    world.discovery.put(FEED, found(FEED, "__*" * 60, [entry(1)]))
    await world.followed()
    assert fields(await world.ask("source show", source=FEED))


async def test_a_very_long_address_is_followed_and_said_to_be(world: World) -> None:
    address = "https://blog.example/search?query=" + "OR+cable+" * 230
    world.discovery.put(address, found(address, "A search", [entry(1)]))
    await world.ask("topic create", name="Networks", channel=world.news)
    assert "gets a new source: **A search**" in (await world.ask("subscribe", source=address, topic="Networks")).text
