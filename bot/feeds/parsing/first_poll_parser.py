"""The first reading of a feed: its newest entries in full, what lies behind them as it stays in the archive.

Nothing behind the sample is ever posted. So what is plain there is read the cheap way (`feeds.parsing.fast_entry_parser`), and of all but a
few only title, link and the beginning of the text are kept: what the archive keeps of every article in the end.
"""

from collections.abc import Sequence
from dataclasses import replace

from bot.feeds.incremental import item_scanner
from bot.feeds.parsing import fast_entry_parser, feed_parser
from bot.feeds.parsing.dates import moment
from bot.feeds.parsing.entry_fields import draft_of
from bot.feeds.parsing.fast_entry_parser import RawEntry
from bot.feeds.parsing.normalise import finish, finish_old
from bot.feeds.parsing.secret_removal import scrubbed
from bot.feeds.parsing.xml_repair import root_name
from bot.model import ParsedFeed
from bot.url_normalisation import base_of


def read_first(body: bytes, url: str, content_type: str | None, newest: int, posted: int) -> ParsedFeed:
    """What `document.read` gives, but for all but the newest entries, which have no picture and little text.

    Args:
        newest: how many entries are kept in full at least.
        posted: how many of these feedparser reads, which has the last word on whatever is posted; also what is not plain.
    """
    base = base_of(url)
    items = item_scanner.scan(body) or ()
    raws = fast_entry_parser.read(body, base) if len(items) > newest else ()
    plain = _by_age(raws)[posted:] if len(raws) == len(items) else []
    if not plain:
        return feed_parser.read(body, url, content_type)
    taken = dict(plain)
    parsed = feed_parser.read(item_scanner.without(body, items, taken), url, content_type)
    places = [place for place in range(len(items)) if place not in taken]
    if parsed.elements != len(places):
        return feed_parser.read(body, url, content_type)
    entries = [replace(entry, position=places[entry.position]) for entry in parsed.entries]
    is_atom = root_name(body) == "feed"
    for rank, (place, raw) in enumerate(plain, start=posted):
        draft = draft_of(raw, position=place, url=base, site=parsed.site_url, is_atom=is_atom)
        made = finish(draft) if rank < newest else finish_old(draft)
        entries.append(replace(made, raw_key=items[place].key))
    entries.sort(key=lambda entry: entry.position)
    return scrubbed(replace(parsed, entries=tuple(entries), elements=len(items)), [url])


def _by_age(raws: Sequence[RawEntry | None]) -> list[tuple[int, RawEntry]]:
    """The plain items with their places, the newest first; each of them has a date."""
    dated = [
        (date, -place, raw)
        for place, raw in enumerate(raws)
        if raw is not None and (date := moment(raw.get("published") or raw.get("updated"))) is not None
    ]
    dated.sort(key=lambda each: each[:2], reverse=True)
    return [(-place, raw) for _, place, raw in dated]
