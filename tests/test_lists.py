"""`python -m bot import` and `export`: exit codes, words, and lists that come back as they went."""

import asyncio
import itertools
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot import opml_commands
from bot.config.settings import Config, StoreSettings
from bot.feeds.opml import opml
from bot.store import Store
from tests.builders import START, at, new, read_outcome
from tests.e2e import zygote
from tests.jobs.importer import opml as listing
from tests.opening import open_store
from tests.paths import ROOT
from tests.wire.feedserver import FeedServer


class Shell:
    """The command line as a process of its own, on a database of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = f"sqlite:///{folder}/riverpost.db"
        self._numbers = itertools.count()

    async def run(self, *arguments: str | Path) -> tuple[int, str, str]:
        """Exit code, output, errors."""
        number = next(self._numbers)
        out, err = (self.folder / f"{name}{number}" for name in ("output", "errors"))
        program = [str(each) for each in arguments]
        process = await zygote.start(program, folder=ROOT, output=out, errors=err, environment=self._environment())
        code = await asyncio.wait_for(process.wait(), 60)
        return code, out.read_text("utf-8"), err.read_text("utf-8")

    async def run_anew(self, *arguments: str | Path, reads: bool = True, **more: str) -> tuple[int, str, str]:
        """`run` by a Python that was started for it.

        Args:
            reads: nobody reads the output if False.
            more: environment variables.
        """
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", *map(str, arguments), cwd=ROOT,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env=self._environment() | more,
        )  # fmt: skip
        if not reads:
            assert process.stdout is not None
            process.stdout._transport.close()  # type: ignore[attr-defined]  # there is no other way
        out, err = await process.communicate()
        assert process.returncode is not None
        return process.returncode, out.decode(), err.decode()

    def _environment(self) -> dict[str, str]:
        environ = {key: value for key, value in os.environ.items() if not key.startswith(("DISCORD", "RIVERPOST__"))}
        return environ | {
            "RIVERPOST__STORE__URL": self.url,
            "RIVERPOST__FETCH__ALLOW_PRIVATE_NETWORKS": "true",
            "RIVERPOST__FETCH__PER_HOST_INTERVAL_SECONDS": "0",
        }

    def file(self, body: bytes) -> Path:
        path = self.folder / "feeds.opml"
        path.write_bytes(body)
        return path

    async def open(self) -> Store:
        """The database, as the running bot has it."""
        return await open_store(self.url, now=START)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


@pytest.fixture
async def server() -> AsyncIterator[FeedServer]:
    async with FeedServer() as running:
        yield running


def blog(server: FeedServer, path: str) -> str:
    feed = server.feed(path, title=f"Blog {path}")
    feed.publish("An article")
    return feed.url


async def test_a_list_goes_in_and_comes_out_again(shell: Shell, server: FeedServer, tmp_path: Path) -> None:
    one, two, gone = blog(server, "one"), blog(server, "two"), f"{server.url}/gone"
    secret = two.replace("http://", "http://mia:pass@")
    list_file = shell.file(listing([("Tech", [one, gone]), ("News", [secret])]))
    code, out, err = await shell.run("import", list_file, "--guild", "1", "--channel", "10", "--folders")
    assert (code, err) == (0, "")
    assert "2 feeds are followed now in Tech, News." in out
    assert f"gone\n  {gone}\n  Tech: There is nothing at this address (404)." in out
    store = await shell.open()
    topic = await store.topics.get(1, "Tech")
    assert topic is not None
    assert topic.channel_id == 10
    # An export reads beside the running bot; an import says what to do instead.
    code, out, err = await shell.run("import", list_file, "--guild", "1", "--channel", "10")
    assert (code, out) == (1, "")
    assert "the bot is running and has the database" in err
    assert "Use /import in Discord, or stop the bot and try again." in err
    code, out, err = await shell.run("export")
    await store.close()
    assert code == 0
    assert err == ("The password or key in its address is left out: Blog two\n--with-secrets FILE writes them too.\n")
    feeds = {each.url: (each.title, each.folders) for each in opml.read(out.encode()).feeds}
    assert feeds == {one: ("Blog one", (("Tech",),)), two: ("Blog two", (("News",),))}
    target = tmp_path / "out.opml"
    code, out, err = await shell.run("export", target, "--guild", "1", "--topic", "tech")
    assert (code, out, err) == (0, "", f"1 sources in 1 topics were written to {target}.\n")
    assert [each.url for each in opml.read(target.read_bytes()).feeds] == [one]
    # And in again, for another server: all is well known, so nothing but the list is read.
    code, out, _ = await shell.run("import", target, "--guild", "2", "--channel", "20", "--topic", "Mine")
    assert (code, out.splitlines()[0]) == (0, "1 feed is followed now in Mine.")
    code, out, _ = await shell.run("export")
    assert {each.folders for each in opml.read(out.encode()).feeds} == {
        (("1 / News",),),
        (("1 / Tech",), ("2 / Mine",)),
    }


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["import", "FILE", "--guild", "1"], 2, "the following arguments are required: --channel"),
        (["import", "FILE", "--guild", "news", "--channel", "1"], 2, "'news' is no Discord id"),
        (["import", "nowhere.opml", "--guild", "1", "--channel", "1"], 1, "nowhere.opml cannot be read: No such file"),
        (["import", "FILE", "--guild", "1", "--channel", "1"], 1, "That is no list of feeds."),
        (["export", "--guild", "1"], 1, "there is no database"),
    ],
    ids=["no channel", "no number", "no file", "no list", "no database"],
)
async def test_what_cannot_be_done_has_its_exit_code_and_its_words(
    shell: Shell, arguments: list[str], code: int, words: str
) -> None:
    file = shell.file(b"hello")
    given = [str(file) if each == "FILE" else each for each in arguments]
    exit_code, out, err = await shell.run(*given)
    assert (exit_code, out) == (code, "")
    assert words in err


async def test_a_list_is_utf_8_whatever_the_terminal_speaks_and_whoever_stops_reading(shell: Shell) -> None:
    store = await shell.open()
    topic = await store.topics.create(guild_id=1, name="Café ☕", channel_id=10, now=START)
    assert topic is not None
    feed = await store.feeds.ensure("https://blog.example/feed", now=START)
    await store.topics.subscribe(topic.id, feed.id, added_by=None, now=START)
    await store.close()
    code, out, err = await shell.run_anew("export", PYTHONIOENCODING="latin-1")
    assert (code, err) == (0, "")
    assert [each.folders for each in opml.read(out.encode()).feeds] == [(("Café ☕",),)]
    for command in ("export", "status", "check"):
        code, _, err = await shell.run_anew(command, reads=False)
        assert (command, code, err) == (command, 1, "")


async def test_an_import_asks_the_filters_about_what_it_reads(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/a.db"
    store = await open_store(url)
    topic = await store.topics.create(guild_id=1, name="filtered", channel_id=10, now=START)
    assert topic is not None
    feed = await store.feeds.ensure("https://blog.example/feed", now=START)
    await store.topics.subscribe(topic.id, feed.id, added_by=None, now=START)
    await store.filters.set(topic.id, None, "kubernetes")
    await store.close()
    async with opml_commands._parts(Config(store=StoreSettings(url=url))) as (opened, _importing, _job):
        await opened.entries.apply(read_outcome(feed, new(1, published=at(-1), title="Cats")))
        assert await opened.deliveries.waiting(10, limit=5) == ()


async def test_a_list_of_nothing_but_dead_feeds_is_an_error(shell: Shell, server: FeedServer) -> None:
    file = shell.file(listing([f"{server.url}/gone"]))
    code, out, _ = await shell.run("import", file, "--guild", "1", "--channel", "10")
    assert code == 1
    assert "No feed was added.\n1 feed could not be followed:" in out
