"""Every document, read from an address with a password, a token and a secret path: none of them is in anything made of it.

The project's own documents always; of the shared corpus a sample, or all of it with RIVERPOST_EVERY_DOCUMENT=1.
"""

import contextlib
import gzip
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog

from bot import logs
from bot.addresses import shown, unescaped
from bot.errors import ParseError, RenderError
from bot.feeds.opml import opml
from bot.feeds.opml.opml import ListedFeed
from bot.feeds.parsing import feed_parser, first_poll_parser
from bot.feeds.parsing.secret_removal import scrubbed
from bot.messages import article_embed, digest, payload, private_message
from bot.model import (
    Article,
    Delivery,
    DigestSchedule,
    Entry,
    FeedState,
    FetchAddress,
    Follow,
    FollowKind,
    MessagePayload,
    Page,
    ParsedFeed,
    PersonalDelivery,
    Place,
    SourceStatus,
    Topic,
    TopicOptions,
)
from cogs.source import source_list
from cogs.ui import article_list
from tests.paths import SHARED

CORPUS = SHARED / "corpus"
OWN = Path(__file__).parent / "feeds" / "documents"
ALL = bool(os.environ.get("RIVERPOST_EVERY_DOCUMENT"))
EVERY = 1 if ALL else 150
MAX_ARTICLES = 10 if ALL else 3

PASSWORD, TOKEN, PART = "hunter2", "glft-SECRET123", "9f86d081884c7d659a2feaa0c55ad015"
SOURCE = f"https://user:{PASSWORD}@ci.example.org/private/{PART}/rss.xml?token={TOKEN}"
NOW = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
TOPIC = Topic(id=1, guild_id=2, name="Builds", channel_id=3, options=TopicOptions())
DAILY = replace(TOPIC, options=TopicOptions(digest=DigestSchedule.DAILY))
ADDRESS = re.compile(rb"https?://[^\s\"'<>\\]*")


def leaks(text: str) -> list[str]:
    """The secrets that the text holds, however often they are escaped."""
    plain = unescaped(text.replace("\\u002d", "-").replace("&#45;", "-"))
    return [each for each in (PASSWORD, TOKEN, PART) if each in plain]


def bodies(path: Path) -> Iterator[bytes]:
    """The document, and the same with each of its addresses being the feed's own, as private feeds link to themselves."""
    raw = path.read_bytes()
    body = gzip.decompress(raw) if path.name.endswith(".raw.gz") else raw
    yield body
    if len(body) < 300_000 or ALL:
        own = SOURCE.encode()
        yield b"<?xml" + ADDRESS.sub(own, body[5:]) if body.startswith(b"<?xml") else ADDRESS.sub(own, body)


def readings(body: bytes) -> Iterator[ParsedFeed]:
    ways: tuple[Callable[[], ParsedFeed], ...] = (
        lambda: feed_parser.read(body, SOURCE, None),
        lambda: first_poll_parser.read_first(body, SOURCE, None, newest=2, posted=1),
        # By a redirect that leads to where nothing is secret.
        lambda: scrubbed(feed_parser.read(body, "https://cdn.example/rss.xml", None), [SOURCE]),
    )
    for read in ways:
        with contextlib.suppress(ParseError):
            yield read()


def article(number: int, entry: Entry, feed: ParsedFeed, **changes: str | None) -> Article:
    made = Article(
        entry_id=number, feed_id=1, title=entry.title, link=entry.link, author=entry.author, summary_html=entry.summary_html,
        text=entry.text, image_url=entry.image_url, enclosure=entry.enclosure, categories=entry.categories,
        published_at=entry.published_at, seen_at=NOW, source_title=feed.title, source_url=feed.site_url,
        source_icon_url=feed.icon_url, feed_url=shown(SOURCE),
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def outputs(feed: ParsedFeed) -> Iterator[str]:
    """All that is made of a feed: what is kept, messages of each kind, replies, lists, lines of the log."""
    yield repr(feed)
    articles = [article(number, entry, feed) for number, entry in enumerate(feed.entries[:MAX_ARTICLES])]
    bare = [replace(each, link=None, source_url=None, source_title=None) for each in articles]
    why = (Follow(1, 2, 3, FollowKind.TOPIC, False, NOW, "Builds", None, 1),)
    for each in (*articles, *bare):
        try:
            embed = article_embed.embed(each, TOPIC)
        except RenderError as error:
            yield str(error)
            continue
        yield MessagePayload((dict(embed.to_dict()),)).to_json()
        yield payload.webhook_name(each) + payload.thread_name(each)
        yield json.dumps(private_message.embed(PersonalDelivery(1, each, why)))
    rendered = [digest.rendered(Delivery(each.entry_id, DAILY, each)) for each in (*articles, *bare)]
    for part in digest.parts(rendered, Place(), now=NOW) if rendered else ():
        yield part.payload.to_json()
    yield json.dumps(article_list.article_page(Page(tuple(articles[:5]), 1, 1, 5), "Latest").to_dict())
    status = SourceStatus(
        1, FetchAddress(SOURCE), feed.title, feed.site_url, "Builds", FeedState.ACTIVE, 1, "The host cannot be reached.", NOW, NOW, NOW, 3
    )  # fmt: skip
    yield json.dumps(
        [
            source_list.page((status, replace(status, title=None, site_url=None)), 1, NOW).to_dict(),
            repr(status),
            str(status.url),
        ]
    )
    yield opml.write("Riverpost", [("Builds", [ListedFeed(SOURCE, feed.title, feed.site_url)])], now=NOW)


def check(paths: Iterable[Path]) -> int:
    """The secrets are in nothing. How many feeds that was seen of."""
    read = 0
    for path in paths:
        for place, body in enumerate(bodies(path)):
            for feed in readings(body):
                read += 1
                found = [(leaks(text), text[:300]) for text in outputs(feed) if leaks(text)]
                assert found == [], f"{path}, variant {place}"
    return read


def test_no_document_of_ours_lets_the_secrets_of_its_address_out() -> None:
    assert check(sorted(OWN.iterdir())) == 3 * 2 * len(list(OWN.iterdir()))


@pytest.mark.skipif(not CORPUS.is_dir(), reason=f"NOT TESTED: the shared corpus is not at {SHARED}")
def test_no_document_of_the_corpus_lets_the_secrets_of_its_address_out() -> None:
    paths = sorted(each for folder in ("real", "suites") for each in (CORPUS / folder).rglob("*") if each.is_file())
    usable = [
        each
        for each in paths
        if not each.name.endswith((".xz", ".tsv", ".expected")) and each.stat().st_size < 20_000_000
    ]
    assert check(usable[::EVERY]) > (3_000 if ALL else 20)


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_line_of_the_log_holds_them(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    import io

    stream = io.StringIO()
    logs.setup("debug", form, [], stream)  # type: ignore[arg-type]
    try:
        log = logs.get("bot.test")
        log.info(
            "feed polled",
            url=SOURCE,
            feed=FetchAddress(SOURCE),
            reason=f"asked {SOURCE}, got 404",
            nested={"url": SOURCE},
        )
        request = SOURCE.partition("ci.example.org")[2]
        log.warning("%s HTTP/1.1", f"GET {request}", authorization=f"Basic token={TOKEN}")
        try:
            raise ValueError(f"bad address {SOURCE}\n2026-11-30 [error] forged\x1b[31m\u202e")
        except ValueError:
            log.exception("a poll failed")
    finally:
        structlog.reset_defaults()
    assert leaks(stream.getvalue()) == []
    lines = stream.getvalue().splitlines()
    assert not [line for line in lines if line.startswith("2026-11-30 [error] forged")]
    assert not [line for line in lines if not line.isprintable()]
    if form == "json":
        assert [json.loads(line)["level"] for line in lines] == ["info", "warning", "error"]
    else:
        assert all(line.startswith("│ ") for line in lines[3:])
