"""The first reading of a feed: its newest entries in full, what lies behind them as it stays in the archive.

Nothing behind the sample is ever posted, and of an article that is a year old the archive keeps title, link and the
beginning of its text. So old items are read the cheap way (`feeds.outline`) and kept like that from the start.
"""

from dataclasses import replace

from bot.feeds import document, outline, scan
from bot.feeds.dates import moment
from bot.feeds.items import draft_of
from bot.feeds.normalise import finish_old
from bot.feeds.outline import RawEntry
from bot.feeds.urls import without_credentials
from bot.model import ParsedFeed


def read_first(body: bytes, url: str, content_type: str | None, newest: int) -> ParsedFeed:
    """What `document.read` gives, but for all but the newest entries, which have no picture and little text.

    Args:
        newest: how many entries are read in full at least; further ones where they are not plain.
    """
    items = scan.scan(body) or ()
    raws = outline.read(body, without_credentials(url)) if len(items) > newest else ()
    old = _old(raws, newest) if len(raws) == len(items) else {}
    if not old:
        return document.read(body, url, content_type)
    parsed = document.read(scan.without(body, items, old), url, content_type)
    places = [place for place in range(len(items)) if place not in old]
    if parsed.elements != len(places):
        return document.read(body, url, content_type)
    entries = [replace(entry, position=places[entry.position]) for entry in parsed.entries]
    for place, raw in old.items():
        draft = draft_of(raw, position=place, url=without_credentials(url), site=parsed.site_url)
        entries.append(replace(finish_old(draft), raw_key=items[place].key))
    entries.sort(key=lambda entry: entry.position)
    return replace(parsed, entries=tuple(entries), elements=len(items))


def _old(raws: tuple[RawEntry | None, ...], newest: int) -> dict[int, RawEntry]:
    """Plain items by place, without the newest of them; each of them has a date."""
    dated = [
        (date, -place, raw)
        for place, raw in enumerate(raws)
        if raw is not None and (date := moment(raw.get("published") or raw.get("updated"))) is not None
    ]
    dated.sort(key=lambda each: each[:2])
    return {-place: raw for _, place, raw in dated[: max(0, len(dated) - newest)]}
