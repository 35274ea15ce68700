"""Every command over the wire, while articles flow and a host hangs; the loopback Discord enforces the 3 s."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.addresses import site_of
from tests.e2e.process import Bot, Topic
from tests.wire.feedserver import FeedServer, ServedFeed
from tests.wire.loopback.people import Reply
from tests.wire.loopback.server import LoopbackDiscord
from tests.wire.loopback.world import Channel, Guild, Member, titles

pytestmark = pytest.mark.e2e


@dataclass
class Scene:
    """A running bot whose declared topic "Flow" gets an article four times a second, beside a host that hangs."""

    discord: LoopbackDiscord
    feeds: FeedServer
    bot: Bot
    guild: Guild
    flow: Channel
    news: Channel
    mia: Member
    source: ServedFeed
    published: list[str] = field(default_factory=list)

    async def ask(self, command: str, /, **options: object) -> Reply:
        """Mia's command in the channel #news."""
        return await self.discord.ask(self.mia, self.news, command, **options)

    async def told(self, command: str, /, **options: object) -> str:
        """What she reads; the managing and reading commands all answer her alone."""
        answer = await self.ask(command, **options)
        assert answer.private
        return answer.text

    async def offered(self, command: str, option: str, typed: str, /, **others: object) -> list[str]:
        found = await self.discord.suggest(self.mia, self.news, command, option, typed, **others)
        return [choice["name"] for choice in found]

    async def publish_for_ever(self) -> None:
        while True:
            self.published.append(f"Flowing {len(self.published) + 1}")
            self.source.publish(self.published[-1])
            await asyncio.sleep(0.25)

    def flowed(self) -> list[str]:
        return titles(self.discord.messages(self.flow))


@pytest.fixture
async def scene(discord: LoopbackDiscord, feeds: FeedServer, tmp_path: Path) -> AsyncIterator[Scene]:
    guild = discord.guild("Readers")
    flow, news = guild.text_channel("flow"), guild.text_channel("news")
    source, hung = feeds.feed("flow", title="The river"), feeds.feed("hung")
    hung.hang()
    bot = Bot(tmp_path, discord.api_url, discord.token, [Topic("Flow", guild.id, flow.id, [source.url, hung.url])])
    made = Scene(discord, feeds, bot, guild, flow, news, guild.member("mia", "manage_channels"), source)
    async with bot.running():
        await discord.wait_for(lambda: len(source.requests) >= 2 and bool(hung.requests) and discord.takes_commands)
        flowing = asyncio.create_task(made.publish_for_ever())
        try:
            await discord.wait_for(lambda: bool(made.flowed()))
            yield made
        finally:
            flowing.cancel()
            await asyncio.gather(flowing, return_exceptions=True)
        await discord.wait_for(lambda: len(made.flowed()) >= len(made.published))
        assert await bot.stop() == 0
    assert made.flowed() == made.published
    slowest = max(asked.acknowledged_at - asked.asked_at for asked in discord.interactions.all if asked.acknowledged_at)
    said = f"{len(discord.interactions.all)} interactions, the slowest acknowledged after {slowest * 1000:.0f} ms"
    print(said)  # noqa: T201 - shown by pytest -rP


def with_articles(feeds: FeedServer, path: str, title: str, count: int) -> ServedFeed:
    made = feeds.feed(path, title=title)
    for number in range(1, count + 1):
        made.publish(f"{title} {number}", body_html=f"<p>About bananas, part {number}</p>")
    return made


async def test_a_topic_lives_from_its_making_to_its_deletion(scene: Scene) -> None:
    discord, feeds = scene.discord, scene.feeds
    blog = with_articles(feeds, "blog", "A blog", 7)
    assert "**Networks** posts in" in await scene.told("topic create", name="Networks", channel=scene.news)
    followed = await scene.ask("subscribe", source=blog.url, topic="networks")
    assert "**Networks** gets a new source: **A blog**" in followed.text
    assert [embed["title"] for embed in followed.embeds] == ["A blog 7"]
    assert "has this source already" in await scene.told("subscribe", source=blog.url, topic="Networks")
    blog.publish("A blog 8")
    await discord.wait_for(lambda: titles(discord.messages(scene.news)) == ["A blog 8"])

    listed = ""
    for _ in range(50):  # the message can be seen a moment before the bot has recorded it
        listed = await scene.told("topic list")
        if "1 source, 1 article posted" in listed:
            break
        await asyncio.sleep(0.1)
    assert "1 source, 1 article posted" in listed
    assert "2 topics" in listed
    assert f"**Networks** → <#{scene.news.id}>" in listed
    assert "✅ [A blog]" in await scene.told("sources", topic="Networks")
    assert "3 sources" in await scene.told("sources")

    assert "**A blog** is removed from" in await scene.told("unsubscribe", source="A blog", topic="Networks")
    question = await scene.ask("topic delete", name="Networks")
    assert "Delete the topic **Networks** with 0 sources?" in question.text
    assert (await discord.press(scene.mia, question, "Keep it")).text == "Nothing was changed."
    question = await scene.ask("topic delete", name="Networks")
    assert "is deleted" in (await discord.press(scene.mia, question, "Delete")).text
    assert question.labels == []
    assert "Networks" not in await scene.told("topic list")


async def test_of_a_site_with_several_feeds_one_is_chosen_from_a_menu(scene: Scene) -> None:
    discord, feeds = scene.discord, scene.feeds
    for path, title in (("posts", "Posts"), ("talks", "Talks")):
        with_articles(feeds, path, title, 3)
    page = feeds.site(
        "site",
        '<link rel="alternate" type="application/rss+xml" href="/posts">'
        '<link rel="alternate" type="application/rss+xml" href="/talks">',
    )
    menu = await scene.ask("subscribe", source=page, topic="Flow")
    assert "That site has 2 feeds" in menu.text
    assert menu.labels == ["Posts", "Talks"]
    chosen = await discord.choose(scene.mia, menu, "Talks")
    assert "**Flow** gets a new source: **Talks**" in chosen.text
    assert chosen.private
    await discord.wait_for(lambda: menu.labels == [])
    assert "Talks" in await scene.told("sources", topic="Flow")


async def test_what_came_is_read_and_searched_page_by_page(scene: Scene) -> None:
    discord = scene.discord
    await scene.ask("topic create", name="Networks", channel=scene.news)
    await scene.ask("subscribe", source=with_articles(scene.feeds, "blog", "A blog", 12).url, topic="Networks")
    for command, options in (("latest", {}), ("search", {"query": "bananas"})):
        first = await scene.ask(command, topic="Networks", **options)
        assert "12 articles · page 1 of 3" in first.text
        assert first.labels == ["1 / 3", "Older ▶", "Last ⏭"]
        second = await discord.press(scene.mia, first, "Older ▶")
        assert "page 2 of 3" in second.text
        assert second.message is first.message
        assert "page 3 of 3" in (await discord.press(scene.mia, second, "Last ⏭")).text
        assert "page 2 of 3" in (await discord.press(scene.mia, second, "◀ Newer")).text
        assert "page 1 of 3" in (await discord.press(scene.mia, second, "⏮ First")).text
    rob = scene.guild.member("rob")
    assert "The river" in (await discord.ask(rob, scene.flow, "latest", topic="Flow")).text


async def test_topics_and_sources_are_offered_while_somebody_types(scene: Scene) -> None:
    await scene.ask("topic create", name="Networks", channel=scene.news)
    blog = with_articles(scene.feeds, "blog", "A blog", 1)
    await scene.ask("subscribe", source=blog.url, topic="Networks")
    for command, option in (
        ("topic delete", "name"), ("subscribe", "topic"), ("unsubscribe", "topic"),
        ("sources", "topic"), ("latest", "topic"), ("search", "topic"),
    ):  # fmt: skip
        assert await scene.offered(command, option, "") == ["Flow", "Networks"]
        assert await scene.offered(command, option, "WORK") == ["Networks"]
    assert await scene.offered("unsubscribe", "source", "blog") == [f"A blog ({site_of(blog.url)})"]
    assert await scene.offered("unsubscribe", "source", "river", topic="Networks") == []
    [choice] = await scene.discord.suggest(scene.mia, scene.news, "unsubscribe", "source", "blog", topic="Networks")
    assert "**A blog**" in await scene.told("unsubscribe", source=choice["value"], topic="Networks")


async def test_wrong_input_is_answered_with_what_to_do(scene: Scene) -> None:
    closed = scene.guild.text_channel("closed")
    await scene.discord.outage_over(scene.guild)  # the bot learns of the new channel
    await scene.discord.deny(closed, "embed_links")
    nothing, slow = scene.feeds.site("nothing", "<p>No feed here</p>"), scene.feeds.feed("slow")
    slow.hang()
    no_topic = "There is no topic called “Nope” here. Choose from the list"
    # Discovery of a host that hangs takes 5 s; it is asked for first, and nobody waits for it.
    hanging = asyncio.create_task(scene.ask("subscribe", source=slow.url, topic="Flow"))
    for command, options, words in (
        ("topic create", {"name": "flow", "channel": scene.news}, "There is already a topic called “flow”"),
        ("topic create", {"name": "x" * 60, "channel": scene.news}, "between 1 and 50 characters"),
        ("topic create", {"name": "a", "channel": scene.news, "colour": "ultraviolet"}, "or six digits or letters"),
        ("topic create", {"name": "a", "channel": closed}, "I lack **Embed Links** in"),
        ("topic delete", {"name": "Nope"}, no_topic),
        ("subscribe", {"source": "my favourite blog", "topic": "Flow"}, "Paste the address of a site"),
        ("subscribe", {"source": nothing, "topic": "Flow"}, f"I found no feed at {nothing}. Paste the address"),
        ("subscribe", {"source": scene.source.url, "topic": "Nope"}, no_topic),
        ("unsubscribe", {"source": "Nope", "topic": "Flow"}, "`/sources` shows what it has"),
        ("unsubscribe", {"source": "The river", "topic": "Nope"}, no_topic),
        ("sources", {"topic": "Nope"}, no_topic),
        ("latest", {"topic": "Nope"}, no_topic),
        ("search", {"query": "!?"}, "Type at least one word"),
        ("search", {"query": "kumquat"}, "Nothing found. Try fewer or other words"),
        ("search", {"query": "flowing", "topic": "Nope"}, no_topic),
    ):
        assert words in await scene.told(command, **options)
    answer = await hanging  # first it says what it looks at
    await scene.discord.wait_for(lambda: "I could not read" in answer.text)


async def test_a_command_is_answered_while_the_database_is_locked(scene: Scene) -> None:
    """Busy for 5 s at most, then said in plain words; acknowledged at once."""
    import sqlite3

    with contextlib.closing(sqlite3.connect(scene.bot.database, isolation_level=None)) as blocker:
        blocker.execute("BEGIN IMMEDIATE")
        told = await scene.told("topic create", name="Networks", channel=scene.news)
        assert "My database does not answer just now. Please try again in a minute." in told
        blocker.execute("ROLLBACK")
    assert "posts in" in await scene.told("topic create", name="Networks", channel=scene.news)
