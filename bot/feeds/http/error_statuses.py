"""What it means when a host answers with anything but a document, in words that can be shown. Pure."""

from collections.abc import Mapping

from bot.i18n.translation import N_
from bot.model import CacheHints, FailureKind, FetchFailed

CHALLENGED = (b"just a moment...", b"_cf_chl_opt", b"/cdn-cgi/challenge-platform/", b"cf-browser-verification")
BLOCKED = (b"attention required! | cloudflare", b"sorry, you have been blocked")
"""What Cloudflare's pages say, in lower case."""

WORDS = {
    401: N_("The feed needs a user name and password (401)."),
    403: N_("The host does not let this bot read the feed (403)."),
    404: N_("There is nothing at this address (404)."),
    407: N_("The proxy wants a user name and password (407)."),
    503: N_("The host is overloaded or under repair (503)."),
}


def may_be_a_page_for_humans(status: int, headers: Mapping[str, str]) -> bool:
    """Whether the body is worth a look: it may be Cloudflare's instead of the site's."""
    return (
        status in {403, 429, 503}
        and "cloudflare" in headers.get("Server", "").lower()
        and headers.get("Content-Type", "").lower().startswith("text/html")
    )


def is_throttling(status: int, hints: CacheHints) -> bool:
    """Whether the host asks this bot to slow down, rather than being in trouble itself."""
    return status == 429 or (status == 503 and hints.retry_after_seconds is not None)


def explain(status: int, headers: Mapping[str, str], page: bytes, hints: CacheHints) -> FetchFailed:
    """`page` is the body where `may_be_a_page_for_humans`, else empty."""
    text = page.lower()
    if headers.get("cf-mitigated", "").lower() == "challenge" or any(sign in text for sign in CHALLENGED):
        message = N_("The site asks for a human (a Cloudflare challenge), so bots cannot read it.")
        return FetchFailed(FailureKind.CHALLENGE, message, status, hints)
    if any(sign in text for sign in BLOCKED):
        message = N_("The site's protection, Cloudflare, blocks this bot ({status}).").format(status=status)
        return FetchFailed(FailureKind.HTTP, message, status)
    if status == 410:
        return FetchFailed(FailureKind.GONE, N_("The host says that this feed is gone for good (410)."), status)
    if is_throttling(status, hints):
        message = N_("The host asks for fewer requests ({status}).").format(status=status)
        return FetchFailed(FailureKind.THROTTLED, message, status, hints)
    message = WORDS.get(status) or N_("The host answered with an error ({status}).").format(status=status)
    return FetchFailed(FailureKind.HTTP, message, status, hints)
