"""https: certificates are checked, and the context for it is made once."""

import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.feeds.http.fetcher import Fetcher
from bot.model import FailureKind, FeedRequest, FetchFailed
from tests.feeds.asking import Settings
from tests.wire.feedserver import FeedServer

pytestmark = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="needs the openssl command to make a certificate"
)


@pytest.fixture
def unsigned(tmp_path: Path) -> ssl.SSLContext:
    """A certificate that nobody signed."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    files = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*command, *files], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


@pytest.fixture
async def distrusted(unsigned: ssl.SSLContext) -> AsyncIterator[FeedServer]:
    async with FeedServer(tls=unsigned) as running:
        yield running


async def test_a_certificate_that_nobody_signed_is_refused_and_no_context_is_made_for_it(
    distrusted: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = distrusted.feed("blog")
    made: list[ssl.SSLContext] = []
    original = ssl.SSLContext.load_default_certs

    def load(context: ssl.SSLContext, purpose: ssl.Purpose = ssl.Purpose.SERVER_AUTH) -> None:
        made.append(context)
        original(context, purpose)

    monkeypatch.setattr(ssl.SSLContext, "load_default_certs", load)
    async with Fetcher(Settings(), SystemClock()) as fetcher:
        for _ in range(3):
            found = await fetcher.fetch(FeedRequest(feed.url))
            assert isinstance(found, FetchFailed)
            assert (found.kind, found.message) == (FailureKind.TLS, "The host's certificate is not valid.")
    assert (feed.requests, made) == ([], [])
