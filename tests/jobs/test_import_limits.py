"""What lists of strangers may cost hosts, and what their reports tell of networks."""

import asyncio
import contextlib
import socket
from datetime import timedelta
from pathlib import Path

import pytest

from bot.config.settings import LimitsSettings
from bot.feeds.http.connection_errors import UNREACHED, in_bulk
from bot.model import FailureKind
from bot.services.limits.daily_host_allowance import HostAllowance
from bot.services.transfer import import_report
from bot.url_normalisation import host_name
from tests.fakes import FakeClock
from tests.jobs.importer import importer, opml
from tests.wire.feedserver import FeedServer


async def test_a_report_does_not_tell_open_ports_from_closed_ones(tmp_path: Path) -> None:
    """What answers otherwise than in HTTP, not at all, or not in TLS has the same words as what is not there."""

    async def garble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH_9.2\r\n")
        with contextlib.suppress(ConnectionError):
            await writer.drain()
        writer.close()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        closed = unused.getsockname()[1]
    garbling = await asyncio.start_server(garble, "127.0.0.1", 0)
    hanging = await asyncio.start_server(hang, "127.0.0.1", 0)
    async with garbling, hanging, importer(tmp_path / "a.db", timeout_seconds=0.3) as bot:
        other, silent = (each.sockets[0].getsockname()[1] for each in (garbling, hanging))
        tried = [
            f"http://127.0.0.1:{closed}/",
            f"http://127.0.0.1:{other}/",
            f"https://127.0.0.1:{other}/other",
            f"http://127.0.0.1:{silent}/",
            "http://no-such-name.invalid/",
        ]
        begun = await bot.begin(opml(tried))
        await bot.job.round()
        report = await bot.importing.report(begun.id)
    assert len(report.failed) == len(tried)
    assert {each.problem for each in report.failed} == {UNREACHED}


@pytest.mark.parametrize("kind", FailureKind)
def test_of_many_addresses_only_what_a_web_server_says_is_told(kind: FailureKind) -> None:
    of_the_network = {"dns", "connect", "tls", "timeout", "blocked-address", "bad-answer", "bad-encoding"}
    assert (in_bulk(kind, "details") == UNREACHED) == (kind.value in of_the_network)


async def test_so_many_hosts_are_asked_within_a_day_and_it_says_when_it_goes_on(tmp_path: Path) -> None:
    clock = FakeClock()
    limits = LimitsSettings(imported_hosts_per_day=1)
    async with FeedServer() as server, importer(tmp_path / "a.db", clock=clock, limits=limits) as bot:
        first = server.feed("a", title="A").url
        second = server.feed("c", title="C").url.replace("127.0.0.1", "localhost")
        begun = await bot.begin(opml([first, second]))
        await bot.job.round()
        assert await bot.follows("News") == {first}
        tally = await bot.importing.tally(begun.id)
        assert (tally.done, tally.is_over) == (1, False)
        assert tally.goes_on_at is not None
        assert timedelta(hours=23) < tally.goes_on_at - clock.now() <= timedelta(days=1)
        assert f"It goes on <t:{int(tally.goes_on_at.timestamp()) + 1}:R>." in import_report.progress(tally)
        await bot.job.round()
        assert (await bot.importing.tally(begun.id)).done == 1, "not before"
        clock.advance(25 * 3600)
        await bot.job.round()
        report = await bot.importing.report(begun.id)
        assert report.tally.is_over
        assert report.tally.goes_on_at is None
        assert await bot.follows("News") == {first, second}


def test_a_host_counts_once_a_day_and_server_whatever_its_port() -> None:
    clock = FakeClock()
    allowance = HostAllowance(2, clock)
    names = [host_name(url) for url in ("http://a.example:80/", "http://A.example.:8080/", "http://b.example/")]
    assert [allowance.take(1, name) for name in names * 2] == [0.0] * 6
    clock.advance(3600)
    assert allowance.take(1, "c.example") == 23 * 3600
    assert allowance.take(2, "c.example") == 0
    clock.advance(23 * 3600)
    assert allowance.take(1, "c.example") == 0
    assert HostAllowance(None, clock).take(1, "x") == 0
