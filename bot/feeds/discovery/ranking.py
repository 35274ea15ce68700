"""Which of the feeds that were read are offered, and in which order: each once, the main one first. Pure."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from bot.feeds.discovery.candidates import Candidate, Origin, speaks_of_comments
from bot.model import Entry, FetchAddress, Fetched, ParsedFeed
from bot.url_normalisation import canonical

RICHER = 1.3
"""So much more text makes a feed with whole articles of one with excerpts."""
_COMMENT_LINK = re.compile(r"#(?:comment|respond|cmt|reply|c\d)|[?&]showComment=", re.IGNORECASE)
_PART = re.compile(
    r"/(?:categor(?:y|ies)|kategorien?|tags?|topics?|themen?|sections?|authors?|label|-)/", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Found:
    """A feed that was read just now."""

    url: FetchAddress
    title: str
    """What to call it; among several that are offered together each has another."""
    entries: int
    fetched: Fetched
    parsed: ParsedFeed
    label: str = ""
    """What sets it apart on its site ("Releases"), or empty."""


@dataclass(frozen=True, slots=True)
class Read:
    """A candidate that turned out to be a feed."""

    candidate: Candidate
    found: Found


def best(read: Sequence[Read], page_url: str) -> tuple[Found, ...]:
    """What to offer of the feeds of the page, best first, in the given order where nothing speaks against it.

    Left out are feeds of comments, unless they are just what was asked for, and all but one of those that list the
    same articles: of two formats the one with more text stays, else the first.
    """
    kept: list[Read] = []
    for each in read:
        if each.candidate.origin is not Origin.KNOWN and holds_comments(each.found.parsed, each.candidate.label):
            continue
        twin = next((place for place, other in enumerate(kept) if same(each.found, other.found)), None)
        if twin is None:
            kept.append(each)
        elif _richer(each.found.parsed, kept[twin].found.parsed):
            kept[twin] = Read(kept[twin].candidate, replace(each.found, label=kept[twin].found.label))
    kept.sort(key=lambda each: _rank(each, page_url))
    return _told_apart([each.found for each in kept])


def holds_comments(parsed: ParsedFeed, label: str = "") -> bool:
    """Whether a feed lists what readers wrote below articles."""
    if speaks_of_comments(parsed.title or "") or speaks_of_comments(label):
        return True
    links = [entry.link for entry in parsed.entries if entry.link]
    return bool(links) and all(_COMMENT_LINK.search(link) for link in links)


def same(one: Found, other: Found) -> bool:
    """Whether two documents are one feed: the same address in the end, or the same newest articles.

    A feed of another kind of media (sound and video of the same talks) is another feed.
    """
    addresses = {canonical(one.url.reveal()), canonical(one.fetched.url)}
    if addresses & {canonical(other.url.reveal()), canonical(other.fetched.url)}:
        return True
    if not (one.entries and other.entries):
        declared = one.parsed.declared_url
        return bool(
            declared and other.parsed.declared_url and canonical(declared) == canonical(other.parsed.declared_url)
        )
    return _media(one.parsed) == _media(other.parsed) and _same_articles(one.parsed.entries, other.parsed.entries)


def _same_articles(one: Sequence[Entry], other: Sequence[Entry]) -> bool:
    """Whether the newest articles are the same ones, as far as the shorter list goes; one may have come in between."""
    for keys in (_links, _guids, _titles):
        first, second = keys(one), keys(other)
        if first and second:
            size = min(len(first), len(second))
            shared = len(set(first[:size]) & set(second[:size]))
            # A feed of one part of a site lists some of the main feed's articles, but not its newest in a row.
            if shared >= size - (1 if size >= 5 else 0):
                return True
    return False


def _links(entries: Iterable[Entry]) -> list[str]:
    return [entry.keys.link for entry in entries if entry.keys.link]


def _guids(entries: Iterable[Entry]) -> list[str]:
    return [entry.keys.guid for entry in entries if entry.keys.guid]


def _titles(entries: Sequence[Entry]) -> list[str]:
    """Only where they are many: "Episode 1" alone says little."""
    found = [entry.title.casefold() for entry in entries if entry.title]
    return found if len(set(found)) == len(entries) >= 3 else []


def _media(parsed: ParsedFeed) -> str:
    kinds = {(entry.enclosure.media_type or "").lower() for entry in parsed.entries if entry.enclosure}
    kinds = {kind for kind in kinds if kind.startswith(("audio/", "video/"))}
    return kinds.pop() if len(kinds) == 1 else ""


def _richer(one: ParsedFeed, other: ParsedFeed) -> bool:
    """More text for each article, by far."""
    size = min(len(one.entries), len(other.entries))
    mine, others = (sum(len(entry.text) for entry in feed.entries[:size]) for feed in (one, other))
    return mine > others * RICHER


def _rank(each: Read, page_url: str) -> tuple[bool, int, Origin]:
    """Empty ones last; then what is of the very page that was asked for, the main feed, parts and other languages."""
    candidate = each.candidate
    path = urlsplit(each.found.url.reveal()).path
    here = re.sub(r"/(?:index\.\w+)?$", "", urlsplit(page_url).path)
    if candidate.origin is Origin.KNOWN or (here and path.startswith(f"{here}/")):
        place = 0
    else:
        place = 2 if candidate.aside or _PART.search(path) else 1
    return each.found.entries == 0, place, candidate.origin


def _told_apart(found: Sequence[Found]) -> tuple[Found, ...]:
    """Feeds of one title get what sets them apart added: their label, else the end of their address."""
    titles = Counter(each.title.casefold() for each in found)
    labels = Counter((each.title.casefold(), each.label.casefold()) for each in found)

    def name(each: Found) -> str:
        title, label = each.title.casefold(), each.label.casefold()
        if titles[title] == 1:
            return each.title
        if label not in {"", title} and labels[title, label] == 1:
            return f"{each.title} · {each.label}"
        parts = urlsplit(each.url.shown)
        return f"{each.title} · {parts.path}{'?' if parts.query else ''}{parts.query}"

    return tuple(replace(each, title=name(each)) for each in found)
