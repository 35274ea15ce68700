"""Reading what Red-DiscordBot's "RSS" cog keeps: the file `cogs/RSS/settings.json` of a bot. Pure.

Red has no command that exports it; whoever runs the bot has the file. In it, below the cog's number, lies a channel
by its id, in it its feeds by their names, each with a `url`. Channels become folders, since the cog knows no topics.
"""

import json
from collections.abc import Iterator
from typing import Any

from bot.errors import UserError
from bot.feeds.encodings.decode import decode
from bot.feeds.opml.opml import MAX_BYTES, MAX_FEEDS, FeedList, ListedFeed, usable
from bot.i18n.translation import _
from bot.url_normalisation import canonical, split_credentials

CHANNELS = "TEXTCHANNEL"
LONGEST = 200
"""Characters of a name or an unusable address."""


def looks_like_it(body: bytes) -> bool:
    """Whether a file is JSON at all: no list of feeds that is XML begins so."""
    return body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")


def read(body: bytes) -> FeedList:
    """The feeds of such a file.

    Raises:
        UserError: it is too large, or is something else; says what to do.
    """
    if len(body) > MAX_BYTES:
        raise UserError(
            _("That list is larger than {size} MB. Split it into several.").format(size=MAX_BYTES // 1_000_000)
        )
    found: dict[tuple[str, tuple[str, str] | None], ListedFeed] = {}
    unusable: list[str] = []
    repeated = left_out = 0
    for channel, name, address in _feeds(_loaded(body)):
        url = usable(address.strip())
        if url is None:
            unusable.append(address[:LONGEST])
            continue
        key, folder = (canonical(url), split_credentials(url)[1]), (f"Channel {channel}",)
        known = found.get(key)
        if known is not None:
            repeated += 1
            folders = known.folders if folder in known.folders else (*known.folders, folder)
            found[key] = ListedFeed(known.url, known.title, None, folders)
        elif len(found) >= MAX_FEEDS:
            left_out += 1
        else:
            found[key] = ListedFeed(url, name[:LONGEST] or None, None, (folder,))
    if not found and not unusable:
        raise UserError(
            _(
                "That file holds no feeds that I can read. Send a list of feeds as OPML, "
                "or the file cogs/RSS/settings.json of a Red-DiscordBot."
            )
        )
    return FeedList(None, tuple(found.values()), tuple(unusable), repeated, left_out)


def _loaded(body: bytes) -> Any:
    try:
        return json.loads(decode(body))
    except (ValueError, RecursionError):
        return None


def _feeds(loaded: Any) -> Iterator[tuple[str, str, str]]:
    """Channel, name and address of each feed; what has another shape is passed over."""
    for settings in _values(loaded):
        for channel, kept in _items(settings.get(CHANNELS) if isinstance(settings, dict) else None):
            for name, feed in _items(kept.get("feeds") if isinstance(kept, dict) else None):
                address = feed.get("url") if isinstance(feed, dict) else None
                if isinstance(address, str) and address.strip():
                    yield channel, name, address


def _items(value: Any) -> list[tuple[str, Any]]:
    return list(value.items()) if isinstance(value, dict) else []


def _values(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else []
