"""Redirects on the wire: when an address is given up for another, and what never goes to another host."""

import pytest

from bot.model import FailureKind, Fetched, NotModified
from tests.feeds.asking import ask, document, failure
from tests.wire.feedserver import FeedServer, ServedFeed


def chain(server: FeedServer, target: ServedFeed, *statuses: int) -> str:
    """Addresses that redirect to each other with these statuses, and at last to the target; the first of them."""
    url = target.url
    for number, status in reversed(list(enumerate(statuses))):
        hop = server.feed(f"hop-{number}-{status}")
        hop.redirect(url, status)
        url = hop.url
    return url


@pytest.mark.parametrize(
    ("statuses", "moved"),
    [
        ((301,), True),
        ((308,), True),
        ((301, 308, 301), True),
        ((302,), False),
        ((303,), False),
        ((307,), False),
        ((301, 302), False),
        ((307, 301), False),
        ((301, 301, 301, 301, 301), True),
    ],
)
async def test_an_address_is_given_up_only_where_every_hop_is_permanent(
    server: FeedServer, statuses: tuple[int, ...], *, moved: bool
) -> None:
    target = server.feed("new")
    found = await document(chain(server, target, *statuses))
    assert (found.url, found.moved_to) == (target.url, target.url if moved else None)


async def test_more_than_five_redirects_are_too_many(server: FeedServer) -> None:
    target = server.feed("new")
    assert (await failure(chain(server, target, *[301] * 6))).kind is FailureKind.REDIRECTS
    assert target.requests == []


async def test_a_circle_of_redirects_ends_at_its_first_turn(server: FeedServer) -> None:
    one, two = server.feed("one"), server.feed("two")
    one.redirect(two.url)
    two.redirect(one.url)
    found = await failure(one.url)
    assert (found.kind, found.message) == (FailureKind.REDIRECTS, "The host redirects in a circle.")
    assert (len(one.requests), len(two.requests)) == (1, 1)


async def test_a_redirect_to_nowhere_is_named(server: FeedServer) -> None:
    feed = server.feed("blog")
    feed.redirect("ftp://blog.example/feed")
    assert (await failure(feed.url)).message == "The host redirects to something that is no web address."


async def test_validators_go_to_the_address_that_gave_them_and_nowhere_else(
    server: FeedServer, elsewhere: FeedServer
) -> None:
    target, old = elsewhere.feed("feed"), server.feed("feed")
    old.redirect(target.url, 302)
    first = await document(old.url)
    again = await ask(old.url, etag=first.etag, last_modified=first.last_modified, validators_url=first.url)
    assert isinstance(again, NotModified)
    assert "If-None-Match" not in old.requests[1].headers
    assert target.requests[1].headers["If-None-Match"] == first.etag


async def test_a_new_address_is_never_asked_with_the_old_ones_validators(server: FeedServer) -> None:
    target, old = server.feed("new"), server.feed("old")
    first = await document(old.url)
    old.redirect(target.url, 301)
    found = await ask(old.url, etag=first.etag, last_modified=first.last_modified)
    assert isinstance(found, Fetched)
    assert found.moved_to is not None
    assert (found.moved_to.reveal(), "If-None-Match" in target.requests[0].headers) == (target.url, False)
    assert "If-Modified-Since" not in target.requests[0].headers


async def test_not_modified_at_the_end_of_permanent_redirects_says_that_the_feed_moved(server: FeedServer) -> None:
    target = server.feed("new")
    old = chain(server, target, 301, 308)
    first = await document(old)
    again = await ask(old, etag=first.etag, validators_url=first.url)
    assert isinstance(again, NotModified)
    assert again.moved_to == target.url


async def test_credentials_follow_on_their_host_and_stay_in_the_new_address(server: FeedServer) -> None:
    target, old = server.feed("new"), server.feed("old")
    target.only_for("ann", "s3cret")
    old.redirect(target.url)
    found = await document(old.url.replace("//", "//ann:s3cret@"))
    assert found.moved_to == target.url.replace("//", "//ann:s3cret@")
    assert found.url == target.url


async def test_credentials_never_follow_to_another_host(server: FeedServer, elsewhere: FeedServer) -> None:
    target, old = elsewhere.feed("new"), server.feed("old")
    old.redirect(target.url)
    found = await document(old.url.replace("//", "//ann:s3cret@"))
    assert found.moved_to == target.url
    assert {"Authorization", "Referer"}.isdisjoint(target.requests[0].headers)
    assert "s3cret" not in str(target.requests[0].headers)
