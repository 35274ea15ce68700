"""`python -m bot import` and `export`: lists of feeds on the command line."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from bot import logs
from bot.clock import SystemClock
from bot.config.settings import Config
from bot.errors import RiverpostError, StoreInUse, UserError
from bot.feeds.http.fetcher import Fetcher
from bot.feeds.opml import opml
from bot.feeds.opml.opml import ListedFeed
from bot.feeds.workers.parser_pool import ParserPool
from bot.filters import evaluate
from bot.jobs.feed_import_loop import FeedImportJob
from bot.logs import printable
from bot.model import Need
from bot.services import Importing
from bot.services.sources.ingest import Ingest
from bot.services.transfer import import_report
from bot.services.transfer.import_checks import Checking
from bot.services.transfer.importer import anybody
from bot.store import Store
from bot.store.admin import feeds_to_export
from bot.store.admin.feeds_to_export import FollowedSource
from bot.store.engine.database import path_of

OK, FAILED = 0, 1
LOOK_SECONDS = 0.2
"""How often the progress bar is moved."""


@dataclass(frozen=True, slots=True)
class ImportOrder:
    """What was asked for on the command line."""

    file: Path
    guild_id: int
    channel_id: int
    topic: str | None
    folders: bool


def import_list(config: Config, order: ImportOrder) -> int:
    """Follow every feed of a file. 0 also where some of them failed: they are named.

    Raises:
        RiverpostError: nothing was followed; says what to do.
    """
    try:
        body = order.file.read_bytes() if order.file.stat().st_size <= opml.MAX_BYTES else None
    except OSError as error:
        raise UserError(f"{order.file} cannot be read: {error.strerror}.") from error
    if body is None:
        raise UserError(f"{order.file} is larger than {opml.MAX_BYTES // 1_000_000} MB. Split it into several lists.")
    logs.setup("warning", config.logging.format, [])  # the bar says what goes on
    try:
        return asyncio.run(_import(config, order, body))
    except StoreInUse as error:
        raise RiverpostError(
            f"the bot is running and has the database {path_of(config.store.url)} to itself. "
            "Use /import in Discord, or stop the bot and try again."
        ) from error
    except KeyboardInterrupt:
        print("Stopped. What was followed stays; the rest goes on when the bot starts, or with this command.")
        return FAILED


async def _import(config: Config, order: ImportOrder, body: bytes) -> int:
    async with _parts(config) as (store, importing, job):
        if left := await store.imports.open_items():
            print(f"First {len(left)} feeds of an import that was not finished.", file=sys.stderr)
            await job.round()
        begun = await importing.begin(
            guild_id=order.guild_id,
            viewer=None,
            channel_id=order.channel_id,
            body=body,
            topic=order.topic,
            folders=order.folders,
            added_by=None,
            allow=anybody,
        )
        work = asyncio.create_task(job.round())
        with tqdm(total=begun.total, unit=" feeds", disable=not sys.stderr.isatty()) as bar:
            while not work.done():
                await asyncio.wait({work}, timeout=LOOK_SECONDS)
                tally = await importing.tally(begun.id)
                bar.update(tally.done - bar.n)
                bar.set_postfix_str(f"{tally.failed} failed")
        await work
        report = await importing.report(begun.id)
        print(import_report.outcome(report, report.topics))
        for each in report.failed:
            print(import_report.failure(each))
        return FAILED if report.tally.failed == report.tally.total else OK


class OperatorPermits:
    """Whoever works on the command line runs the bot, and finishes what a person was allowed to begin in Discord."""

    async def may(self, _guild_id: int, _user_id: int, _channel_id: int, _need: Need) -> bool:
        return True


@contextlib.asynccontextmanager
async def _parts(config: Config) -> AsyncIterator[tuple[Store, Importing, FeedImportJob]]:
    """What of the bot an import needs."""
    clock = SystemClock()
    async with contextlib.AsyncExitStack() as stack:
        store = await Store.open(
            config.store.url,
            now=clock.now(),
            default_backfill=config.delivery.backfill,
            judge=evaluate.judge,
            limits=config.limits,
            kept=config.store,
        )
        stack.push_async_callback(store.close)
        fetcher = await stack.enter_async_context(Fetcher(config.fetch, clock))
        parser = ParserPool(timeout_seconds=5.0)
        stack.push_async_callback(parser.close)

        def wake() -> None:
            job.wake()

        importing = Importing(store, clock, on_begun=wake)
        checking = Checking(
            store,
            fetcher,
            parser,
            Ingest(store, config.polling, clock),
            config.limits,
            clock,
            OperatorPermits(),
            hosts_per_day=None,
        )
        job = FeedImportJob(store, checking, importing, clock)
        yield store, importing, job


def export_list(
    config: Config, *, guild_id: int | None, topic: str | None, file: Path | None, with_secrets: bool
) -> int:
    """Write what is followed as OPML, to the file or to standard output; also beside a running bot.

    Args:
        with_secrets: write sources with a password or key in their address too, to a file that only its owner can read.

    Raises:
        RiverpostError: nothing was written; says what to do.
    """
    found = [
        source
        for source in feeds_to_export.followed(path_of(config.store.url))
        if guild_id in {None, source.guild_id}
        and (topic is None or source.topic.casefold() == topic.strip().casefold())
    ]
    if not found:
        raise UserError("Nothing is followed there, so there is nothing to export.")
    to_file = file is not None and str(file) != "-"
    if with_secrets and not to_file:
        raise UserError("--with-secrets needs a file to write to, which only you will be able to read: name one.")
    if not with_secrets:
        _name_masked(found)
    several = len({source.guild_id for source in found}) > 1
    folders: dict[str, list[ListedFeed]] = {}
    for source in found:
        # Two servers may have topics of one name.
        name = f"{source.guild_id} / {source.topic}" if several else source.topic
        folders.setdefault(name, []).append(ListedFeed(source.url.reveal(), source.title, source.site_url))
    text = opml.write("Riverpost", folders.items(), now=SystemClock().now(), with_secrets=with_secrets)
    if file is None or not to_file:
        return _print(text)
    try:
        _write(file, text.encode(), private=with_secrets)
    except OSError as error:
        raise UserError(f"{file} cannot be written: {error.strerror}.") from error
    print(f"{len(found)} sources in {len(folders)} topics were written to {file}.", file=sys.stderr)
    return OK


def _name_masked(sources: Sequence[FollowedSource]) -> None:
    """Say whose addresses are written without what is secret in them."""
    names = dict.fromkeys(source.title or source.url.site for source in sources if source.url.has_secret)
    for name in names:
        print(f"The password or key in its address is left out: {printable(name)}", file=sys.stderr)
    if names:
        print("--with-secrets FILE writes them too.", file=sys.stderr)


def _write(file: Path, document: bytes, *, private: bool) -> None:
    """Write a file; a private one is never readable by others, not even while it is written."""
    if not private:
        file.write_bytes(document)
        return
    number = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    with os.fdopen(number, "wb") as target:
        os.fchmod(number, 0o600)  # it may have been there before
        target.truncate()
        target.write(document)


def _print(document: str) -> int:
    """In the encoding that the document names, whatever the terminal's."""
    sys.stdout.buffer.write(document.encode())
    return OK
