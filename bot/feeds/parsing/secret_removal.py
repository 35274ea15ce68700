"""Takes the secrets of a feed's address out of what the feed says: private feeds link to themselves and their files. Pure."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace

from bot.addresses import Scrubber
from bot.model import Enclosure, Entry, FetchAddress, ParsedFeed


def scrubbed(feed: ParsedFeed, addresses: Iterable[str]) -> ParsedFeed:
    """The feed without the secrets of the addresses that it was read from.

    The keys of entries stay as they are, so that they are known again; they are digests.
    """
    scrubber = Scrubber(*addresses)
    if scrubber.is_idle:
        return feed
    return replace(
        feed,
        title=scrubber.text(feed.title) if feed.title else feed.title,
        site_url=scrubber.link(feed.site_url),
        icon_url=scrubber.link(feed.icon_url),
        declared_url=scrubber.link(feed.declared_url),
        entries=tuple(_entry(entry, scrubber) for entry in feed.entries),
    )


async def scrubbed_beside(feed: ParsedFeed, addresses: Iterable[FetchAddress]) -> ParsedFeed:
    """The same beside the event loop, for the addresses that led to where the feed was read; nearly all have no secrets."""
    secret = [address.reveal() for address in dict.fromkeys(addresses) if address.has_secret]
    return await asyncio.to_thread(scrubbed, feed, secret) if secret else feed


def _entry(entry: Entry, scrubber: Scrubber) -> Entry:
    return replace(
        entry,
        guid=scrubber.text(entry.guid) if entry.guid else entry.guid,
        link=scrubber.link(entry.link),
        title=scrubber.text(entry.title),
        author=scrubber.text(entry.author) if entry.author else entry.author,
        summary_html=scrubber.html(entry.summary_html),
        text=scrubber.text(entry.text),
        image_url=scrubber.link(entry.image_url),
        enclosure=_enclosure(entry.enclosure, scrubber),
        categories=tuple(scrubber.text(each) for each in entry.categories),
    )


def _enclosure(found: Enclosure | None, scrubber: Scrubber) -> Enclosure | None:
    if found is None:
        return None
    address = scrubber.link(found.url)
    return replace(found, url=address) if address is not None else None
