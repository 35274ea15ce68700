"""A whole process follows a private feed: nothing that leaves it, to Discord, to a log, to a terminal, holds the feed's secrets."""

import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from bot.addresses import unescaped
from tests.e2e.process import Bot, Topic, command
from tests.wire.feedserver import FeedServer
from tests.wire.loopback.server import Asked, LoopbackDiscord
from tests.wire.loopback.world import Member, titles

pytestmark = pytest.mark.e2e

PASSWORD, TOKEN, PART = "hunter2", "glft-SECRET123", "9f86d081884c7d659a2feaa0c55ad015"


def leaks(text: str) -> list[str]:
    return [each for each in (PASSWORD, TOKEN, PART) if each in unescaped(text)]


def said(ledger: Iterable[Asked]) -> str:
    """What the bot sent to Discord, the path of each request with it."""
    return "\n".join(f"{each.method} {each.path} {json.dumps(each.body, ensure_ascii=False)}" for each in ledger)


async def test_nothing_that_leaves_the_process_holds_a_feeds_secrets(
    discord: LoopbackDiscord, feeds: FeedServer, tmp_path: Path
) -> None:
    guild = discord.guild("Readers")
    news, flow = guild.text_channel("news"), guild.text_channel("flow")
    mia, rob = guild.member("mia", "manage_channels"), guild.member("rob")
    private = feeds.feed(f"private/{PART}/rss.xml", title=f"Builds {PART}")
    public = feeds.feed("river", title="The river")
    source = private.url.replace("http://", f"http://ci:{PASSWORD}@") + f"?token={TOKEN}"
    private.only_for("ci", PASSWORD)

    def publish(title: str) -> None:
        body = f'<p>See <a href="">this page</a>, <a href="log.html">the log</a> and {source}, told {title}.</p>'
        private.publish(title, link=f"{private.url}?token={TOKEN}&n=1", body_html=body)

    publish("One")
    bot = Bot(tmp_path, discord.api_url, discord.token, [Topic("Flow", guild.id, flow.id, [source, public.url])])
    bot.extra = {"RIVERPOST__LOGGING__LEVEL": "debug"}

    async def told(who: Member, command_name: str, /, **options: object) -> str:
        return (await discord.ask(who, news, command_name, **options)).text

    async with bot.running():
        await discord.wait_for(lambda: discord.takes_commands and bool(private.requests))
        assert "posts in" in await told(mia, "topic create", name="News", channel=news)
        assert "gets a new source" in await told(mia, "subscribe", source=source, topic="News")
        assert "has this source already" in await told(mia, "subscribe", source=source, topic="News")
        wrong = source.replace("rss.xml", "gone.xml")
        assert "I could not read" in await told(mia, "subscribe", source=wrong, topic="News")
        await told(mia, "subscribe", source=f"{wrong} {source}", topic="News")
        publish("Two")
        await discord.wait_for(lambda: "Two" in titles(discord.messages(news)))
        for who in (mia, rob):
            await told(who, "latest")
            await told(who, "search", query="told")
            await told(who, "sources")
            await told(who, "why", link=f"{private.url}?token={TOKEN}&n=1")
            for typed in ("", "token", PASSWORD[:5], PART[:10]):
                await discord.suggest(who, news, "follow source", "source", typed)
        await told(rob, "follow source", source="1")
        await told(rob, "following")
        await told(mia, "source retry", source="1")
        private.answer_with(status=500)
        await discord.wait_for(lambda: "500" in bot.logged())
        await told(mia, "sources")
        await told(mia, "status overview")
        private.recover()
        private.only_for("ci", PASSWORD)

        before = len(discord.ledger)
        assert source in await told(mia, "source show", source="1")
        shown = discord.ledger[before:]
        assert set(leaks(said(shown))) == {PASSWORD, TOKEN, PART}, "who manages the topic is told the address"
        for arguments in (("status",), ("healthcheck",), ("check",), ("export",), ("export", "--guild", str(guild.id))):
            _code, output = await command(tmp_path, *arguments)
            assert leaks(output) == [], arguments
        target = tmp_path / "all.opml"
        code, output = await command(tmp_path, "export", "--with-secrets", str(target))
        assert (code, leaks(output)) == (0, [])
        assert set(leaks(target.read_text())) == {PASSWORD, TOKEN, PART}
        assert target.stat().st_mode & 0o777 == 0o600
        assert await bot.stop() == 0
    rest = [each for each in discord.ledger if each not in shown]
    assert len(rest) > 40
    assert leaks(said(rest)) == []
    assert "this page" in said(rest)
    assert [line[:600] for line in bot.logged().splitlines() if leaks(line)] == []
    assert "host=127.0.0.1" in bot.logged()
