"""What it means when a host answers with anything but a document."""

import pytest

from bot.feeds.http.error_statuses import explain
from bot.model import CacheHints, FailureKind

NO_HINTS, WAIT = CacheHints(), CacheHints(retry_after_seconds=60)
CHALLENGE = b"<!DOCTYPE html><title>Just a moment...</title><script>window._cf_chl_opt={}</script>"
BLOCKED = b"<title>Attention Required! | Cloudflare</title><h1>Sorry, you have been blocked</h1>"


@pytest.mark.parametrize(
    ("status", "headers", "page", "hints", "kind", "words"),
    [
        (403, {"cf-mitigated": "challenge"}, b"", NO_HINTS, FailureKind.CHALLENGE, "asks for a human"),
        (503, {}, CHALLENGE, NO_HINTS, FailureKind.CHALLENGE, "asks for a human"),
        (429, {}, CHALLENGE, WAIT, FailureKind.CHALLENGE, "asks for a human"),
        (403, {}, BLOCKED, NO_HINTS, FailureKind.HTTP, "Cloudflare, blocks this bot (403)"),
        (403, {}, b"", NO_HINTS, FailureKind.HTTP, "does not let this bot read"),
        (410, {}, b"", NO_HINTS, FailureKind.GONE, "gone for good (410)"),
        (429, {}, b"", NO_HINTS, FailureKind.THROTTLED, "asks for fewer requests (429)"),
        (503, {}, b"", WAIT, FailureKind.THROTTLED, "asks for fewer requests (503)"),
        (503, {}, b"", NO_HINTS, FailureKind.HTTP, "overloaded or under repair (503)"),
        (401, {}, b"", NO_HINTS, FailureKind.HTTP, "needs a user name and password (401)"),
        (407, {}, b"", NO_HINTS, FailureKind.HTTP, "The proxy wants"),
        (418, {}, b"", NO_HINTS, FailureKind.HTTP, "an error (418)"),
    ],
)
def test_a_refusal_has_its_kind_and_its_words(
    status: int, headers: dict[str, str], page: bytes, hints: CacheHints, kind: FailureKind, words: str
) -> None:
    found = explain(status, headers, page, hints)
    assert (found.kind, found.status) == (kind, status)
    assert words in found.message
