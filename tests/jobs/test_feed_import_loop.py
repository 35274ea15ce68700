"""Lists of feeds that are imported: hundreds at once, dead ones named, limits, restarts."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.config.settings import LimitsSettings
from bot.errors import UserError
from bot.jobs.feed_import_loop import UNTOLD_AFTER, Queue
from bot.model import FetchAddress, ImportItem, Need
from bot.services.transfer import import_report
from bot.services.transfer.import_checks import ASK_AGAIN_SECONDS
from bot.url_normalisation import host_name
from tests.fakes import FakeClock
from tests.jobs.importer import CHANNEL, GUILD, PERSON, Importer, importer, opml
from tests.wire.feedserver import FeedServer, ServedFeed

DAY = datetime(2026, 1, 1, tzinfo=UTC)


@contextlib.asynccontextmanager
async def hosts(count: int) -> AsyncIterator[list[FeedServer]]:
    async with contextlib.AsyncExitStack() as stack:
        yield [await stack.enter_async_context(FeedServer()) for _ in range(count)]


@pytest.fixture
async def server() -> AsyncIterator[FeedServer]:
    async with FeedServer() as running:
        yield running


def blog(server: FeedServer, path: str) -> ServedFeed:
    feed = server.feed(path, title=f"Blog {path}")
    for number in range(3):
        feed.publish(f"{path} {number}", published=DAY + timedelta(days=number), body_html="<p>Text</p>")
    return feed


def dead(server: FeedServer, path: str, number: int) -> str:
    """A feed that is dead in one of the usual ways."""
    feed = server.feed(path)
    kinds = 5
    if number % kinds == 0:
        feed.answer_with(status=404)
    elif number % kinds == 1:
        feed.answer_with(status=500)
    elif number % kinds == 2:
        feed.body(b"<html><title>For sale</title><body>This domain is for sale</body></html>", content_type="text/html")
    elif number % kinds == 3:
        feed.redirect(feed.url)
    else:
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            return f"http://127.0.0.1:{unused.getsockname()[1]}/{path}"
    return feed.url


async def waiting(bot: Importer, channel: int = 10) -> int:
    return len(await bot.store.deliveries.waiting(channel, limit=1000))


async def test_of_five_hundred_feeds_fifty_are_dead_and_the_report_names_each(tmp_path: Path) -> None:
    async with hosts(10) as servers, importer(tmp_path / "a.db") as bot:
        good = {blog(servers[n % 10], f"good-{n}").url for n in range(450)}
        bad = {dead(servers[n % 10], f"dead-{n}", n) for n in range(50)}
        begun = await bot.begin(opml([*sorted(good | bad)]))
        assert begun.total == 500
        seen = []
        work = asyncio.create_task(bot.job.round())
        while not work.done():
            tally = await bot.importing.tally(begun.id)
            seen.append(tally.done)
            await bot.importing.wait(begun.id, 0.05)
            await asyncio.sleep(0)
        await work
        report = await bot.importing.report(begun.id)
        assert (report.tally.followed, report.tally.already, report.tally.failed) == (450, 0, 50)
        assert report.tally.is_over
        assert report.finished_at is not None
        assert {each.url for each in report.failed} == bad
        assert all(each.problem.endswith(".") for each in report.failed)
        assert len({each.problem for each in report.failed}) == 5
        assert await bot.follows("News") == good
        assert len(set(seen)) > 5, "the progress could be watched"
        assert seen == sorted(seen)
        file = import_report.failures_file(report).decode()
        assert all(url in file for url in bad)
        assert not any(f"{url}\n" in file for url in good)
        assert await waiting(bot) == 0, "a list posts nothing of what its feeds have already"
        # Each host was asked for one document at a time, and once for each feed.
        assert all(len(feed.requests) == 1 for server in servers for feed in server._feeds.values() if feed.url in good)


async def test_what_an_imported_feed_publishes_afterwards_is_new(server: FeedServer, tmp_path: Path) -> None:
    feed = blog(server, "a")
    async with importer(tmp_path / "a.db") as bot:
        await bot.begin(opml([feed.url]))
        await bot.job.round()
        topic = await bot.store.topics.get(GUILD, "News")
        assert topic is not None
        [source] = await bot.store.topics.sources(GUILD, topic.id, now=DAY)
        assert (source.title, source.last_success_at is not None) == ("Blog a", True)
        assert [each.title for each in await bot.store.entries.newest(source.feed_id, 9)] == ["a 2", "a 1", "a 0"]
        known = await bot.store.feeds.ensure(feed.url, now=DAY)
        assert known.has_entries
        assert known.etag is not None


async def test_feeds_that_are_followed_already_are_told_apart_and_left_alone(
    server: FeedServer, tmp_path: Path
) -> None:
    first, second = blog(server, "a"), blog(server, "b")
    async with importer(tmp_path / "a.db") as bot:
        await bot.begin(opml([first.url]))
        await bot.job.round()
        begun = await bot.begin(opml([f"{first.url}/", second.url]))
        await bot.job.round()
        tally = await bot.importing.tally(begun.id)
        assert (tally.followed, tally.already, tally.failed) == (1, 1, 0)
        assert len(first.requests) == 1
        # Another server of the bot need not ask the host again for what is well.
        again = await bot.begin(opml([first.url]), guild=2)
        await bot.job.round()
        assert (await bot.importing.tally(again.id)).followed == 1
        assert len(first.requests) == 1
        assert await bot.follows("News", guild=2) == {first.url}


async def test_two_addresses_of_one_feed_are_followed_once(server: FeedServer, tmp_path: Path) -> None:
    feed = blog(server, "new")
    old = server.feed("old")
    old.redirect(feed.url)
    async with importer(tmp_path / "a.db") as bot:
        begun = await bot.begin(opml([feed.url, old.url]))
        await bot.job.round()
        tally = await bot.importing.tally(begun.id)
        assert (tally.followed, tally.already) == (1, 1)
        assert await bot.follows("News") == {feed.url}


async def test_folders_become_topics_when_that_is_asked_for_and_only_with_living_feeds(
    server: FeedServer, tmp_path: Path
) -> None:
    one, two, three = (blog(server, path).url for path in ("1", "2", "3"))
    gone = dead(server, "dead", 0)
    nested = opml([one, ("Tech", [two]), ("Dead", [gone])]).replace(
        b"</body>", b'<outline text="Tech"><outline text="Python">' + opml([three]).split(b"<body>")[1][:-14] + b"</outline></outline></body>"
    )  # fmt: skip
    async with importer(tmp_path / "a.db") as bot:
        begun = await bot.begin(nested, topic=None, folders=True)
        assert begun.topics == ("My feeds", "Tech", "Dead", "Tech / Python")
        await bot.job.round()
        assert await bot.follows("My feeds") == {one}
        assert await bot.follows("Tech") == {two}
        assert await bot.follows("Tech / Python") == {three}
        assert await bot.store.topics.get(GUILD, "Dead") is None
        [failed] = (await bot.importing.report(begun.id)).failed
        assert failed.topics == ("Dead",)


async def test_limits_of_a_guild_are_obeyed_and_said(server: FeedServer, tmp_path: Path) -> None:
    urls = [blog(server, str(number)).url for number in range(6)]
    limits = LimitsSettings(sources_per_guild=4, topics_per_guild=1)
    async with importer(tmp_path / "a.db", limits=limits) as bot:
        begun = await bot.begin(opml(urls))
        await bot.job.round()
        report = await bot.importing.report(begun.id)
        assert (report.tally.followed, report.tally.failed) == (4, 2)
        assert {each.problem for each in report.failed} == {
            "This server follows 4 sources, which is the limit. Remove some with /unsubscribe."
        }
        begun = await bot.begin(opml([("Other", [urls[0]])]), topic=None, folders=True)
        await bot.job.round()
        [failed] = (await bot.importing.report(begun.id)).failed
        assert "This server has 1 topics, which is the limit: no room for “Other”" in failed.problem


async def test_once_a_guild_is_full_no_host_is_asked(server: FeedServer, tmp_path: Path) -> None:
    first, second = blog(server, "a"), blog(server, "b")
    async with importer(tmp_path / "a.db", limits=LimitsSettings(sources_per_guild=1)) as bot:
        await bot.begin(opml([first.url]))
        await bot.job.round()
        await bot.begin(opml([second.url]))
        await bot.job.round()
        assert second.requests == []


async def test_a_host_that_asks_for_patience_is_not_taken_for_dead(server: FeedServer, tmp_path: Path) -> None:
    feed = blog(server, "a")
    feed.answer_with(status=429, headers={"Retry-After": "600"})
    async with importer(tmp_path / "a.db") as bot:
        begun = await bot.begin(opml([feed.url, f"{server.url}/other"]))
        await bot.job.round()
        report = await bot.importing.report(begun.id)
        assert (report.tally.followed, report.tally.failed, report.unchecked) == (2, 0, 2)
        assert len(feed.requests) == 1
        assert "2 of them could not be looked at yet" in import_report.summary(report, report.topics)


async def test_after_a_restart_it_goes_on_where_it_was_and_the_person_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    async with hosts(3) as servers:
        good = [blog(servers[n % 3], f"good-{n}") for n in range(30)]
        slow = servers[0].feed("slow")
        slow.hang()
        async with importer(path) as bot:
            begun = await bot.begin(opml([*(feed.url for feed in good), slow.url]), language="en-GB")
            work = asyncio.create_task(bot.job.round())
            await bot.until(begun.id, 10)
            work.cancel()  # the process ends in the middle
            await asyncio.gather(work, return_exceptions=True)
            before = await bot.importing.tally(begun.id)
            assert 10 <= before.done < 31
        slow.answer_with(status=410)
        clock = FakeClock(datetime(2030, 1, 1, tzinfo=UTC))
        async with importer(path, clock=clock) as bot:
            await bot.job.round()
            tally = await bot.importing.tally(begun.id)
            assert (tally.followed, tally.already, tally.failed) == (30, 0, 1)
            assert await bot.follows("News") == {feed.url for feed in good}
            assert bot.mailbox.letters == [], "whoever watches is told first"
            clock.advance(UNTOLD_AFTER.total_seconds() + 1)
            bot.mailbox.reachable = False
            await bot.job.round()
            bot.mailbox.reachable = True
            await bot.job.round()
            await bot.job.round()
            [(person, text, file)] = bot.mailbox.letters
            assert person == PERSON
            assert "30 feeds are followed now in News." in text
            assert slow.url in text
            assert file is None


async def test_one_import_at_a_time_in_a_server(server: FeedServer, tmp_path: Path) -> None:
    async with importer(tmp_path / "a.db") as bot:
        await bot.begin(opml([blog(server, "a").url]))
        with pytest.raises(UserError, match="Another import goes on in this server"):
            await bot.begin(opml([blog(server, "b").url]))
        await bot.begin(opml([blog(server, "b").url]), guild=2)
        await bot.job.round()
        await bot.begin(opml([blog(server, "c").url]))


async def test_a_list_that_comes_while_another_is_worked_on_does_not_wait_for_it(tmp_path: Path) -> None:
    async with hosts(2) as (busy, free), importer(tmp_path / "a.db") as bot:
        slow = busy.feed("slow")
        slow.hang()
        await bot.begin(opml([slow.url]))
        work = asyncio.create_task(bot.job.round())
        await slow.asked.wait()
        begun = await bot.begin(opml([blog(free, "quick").url]), guild=2)
        await bot.until(begun.id, 1)
        assert not work.done()
        slow.release()
        await work


async def test_what_is_no_address_is_reported_too(tmp_path: Path) -> None:
    async with importer(tmp_path / "a.db") as bot:
        begun = await bot.begin(opml(["my favourite blog"]))
        await bot.job.round()
        [failed] = (await bot.importing.report(begun.id)).failed
        assert (failed.url, failed.problem) == ("my favourite blog", "That is no web address.")


async def test_addresses_in_a_report_have_no_passwords(server: FeedServer, tmp_path: Path) -> None:
    async with importer(tmp_path / "a.db") as bot:
        url = dead(server, "a", 0).replace("http://", "http://mia:secret@")
        begun = await bot.begin(opml([url]))
        await bot.job.round()
        [failed] = (await bot.importing.report(begun.id)).failed
        assert "secret" not in failed.url


def test_one_host_is_never_asked_twice_at_once_and_lists_take_turns() -> None:
    queue = Queue()
    items = [
        ImportItem(n, 1 if n < 4 else 2, 1, 1, None, FetchAddress(f"https://{host}.example/{n}"), None, ("t",))
        for n, host in enumerate(["a", "a", "a", "b", "a", "c"])
    ]
    queue.add(items)
    queue.add(items)
    taken = [queue.take(), queue.take(), queue.take()]
    assert [each[1].id for each in taken if each] == [0, 5, 3]
    assert queue.take() is None
    queue.done(host_name(items[0].url.reveal()), items[0])
    after = queue.take()
    assert after is not None
    assert host_name(after[1].url.reveal()) == host_name(items[0].url.reveal())
    assert after[1].id in {1, 4}


async def test_what_the_person_may_do_is_asked_again_when_a_feed_is_followed(
    server: FeedServer, tmp_path: Path
) -> None:
    first, second, third = (blog(server, name).url for name in ("a", "b", "c"))
    async with importer(tmp_path / "a.db") as made:
        # Meanwhile somebody made a topic of this name, in a channel where the person may not write.
        await made.store.topics.create(guild_id=GUILD, name="Theirs", channel_id=77, now=DAY, limit=None)
        made.permits.refuse(77, Need.POST)
        begun = await made.begin(opml([("Theirs", [first]), ("Mine", [second])]), folders=True)
        await made.job.round()
        report = await made.importing.report(begun.id)
        assert [each.url for each in report.failed] == [first]
        assert "You may not have “Theirs” follow this" in report.failed[0].problem
        assert await made.follows("Theirs") == set()
        assert await made.follows("Mine") == {second}
        # And the right to make topics may be gone.
        made.permits.refuse(CHANNEL, Need.MANAGE)
        begun = await made.begin(opml([third]), topic="New")
        await made.job.round()
        assert (await made.importing.tally(begun.id)).failed == 1
        assert await made.store.topics.get(GUILD, "New") is None


async def test_while_nobody_knows_what_the_person_may_do_a_feed_waits(server: FeedServer, tmp_path: Path) -> None:
    url, clock = blog(server, "a").url, FakeClock()
    async with importer(tmp_path / "a.db", clock=clock) as made:
        made.permits.silent = True
        begun = await made.begin(opml([url]))
        work = asyncio.create_task(made.job.round())
        async with asyncio.timeout(20):
            while ASK_AGAIN_SECONDS not in clock.slept:  # noqa: ASYNC110 - the work's own waiting is meant
                await asyncio.sleep(0.01)
        assert (await made.importing.tally(begun.id)).done == 0
        made.permits.silent = False
        await work
        assert await made.follows("News") == {url}


async def test_what_is_left_of_a_list_is_not_followed_once_who_gave_it_is_forgotten(
    server: FeedServer, tmp_path: Path
) -> None:
    first, second = (blog(server, name).url for name in ("a", "b"))
    clock = FakeClock()
    async with importer(tmp_path / "a.db", clock=clock) as made:
        made.permits.silent = True
        begun = await made.begin(opml([first, second]))
        work = asyncio.create_task(made.job.round())
        async with asyncio.timeout(20):
            while ASK_AGAIN_SECONDS not in clock.slept:  # noqa: ASYNC110 - the work's own waiting is meant
                await asyncio.sleep(0.01)
            await made.store.imports.forget(PERSON)
            made.permits.silent = False
            await work
        report = await made.importing.report(begun.id)
        assert {each.url for each in report.failed} == {first, second}
        assert "asked to be forgotten" in report.failed[0].problem
        assert await made.store.topics.get(GUILD, "News") is None
        assert await made.store.imports.count_of(PERSON) == 0
        assert report.added_by is None
        assert made.mailbox.letters == []
