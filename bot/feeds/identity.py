"""Decides which entry of a document is which stored one. Pure; dates never take part.

Posting an article once rests on this module. From the strongest sign to the weakest:

1. guid and link together, both as stored;
2. a guid that one entry of the document has, and one stored entry;
3. a link that one entry of the document has, and one stored entry whose own guid is no longer listed:
   the feed renamed its guids, however many at once;
4. title and content, for entries that have neither guid nor link to be told by.

Two limits keep constant fields from hiding articles: a link to a bare host (a site's front page) is no
sign at all, and guid and link together are no sign if more than two different texts share them.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import TypeVar
from urllib.parse import urlsplit

from bot.feeds.urls import canonical
from bot.model import Entry, EntryKeys, Identified, KnownEntry, Recognised

TEXTS_PER_ARTICLE = 2
"""A document that lists one guid and link with this many texts shows an old and an edited copy of one article."""

_K = TypeVar("_K", bound=Hashable)


def keys(*, guid: str | None, link: str | None, title: str, html: str) -> EntryKeys:
    """What the entry can be recognised by; `link` is an absolute address or None.

    A guid that is itself an address is compared in canonical form, so http for https, a www. more or less and
    tracking parameters do not make a new entry.
    """
    guid = guid.strip() if guid else None
    if guid and guid.lower().startswith(("http://", "https://")):
        guid = _canonical_or_same(guid)
    told_by_link = link and not _is_front_page(link)
    return EntryKeys(
        guid=_digest(guid) if guid else None,
        link=_digest(_canonical_or_same(link)) if link and told_by_link else None,
        content=_digest(" ".join(title.split()), " ".join(html.split())),
    )


def identify(entries: Sequence[Entry | Recognised], known: Sequence[KnownEntry]) -> tuple[Identified, ...]:
    """Pair the document's entries with the stored ones, in the document's order.

    What was recognised by its bytes is the stored entry it was recognised as, and only helps to tell the others apart.
    Copies of one entry give one result, at the place of the first. No two results share a uid or a stored entry.
    """
    document = _Document(entries, known)
    matches = _match(document, known)
    taken = {item.uid for item in (*known, *matches.values())}
    listed = []
    for place, entry in enumerate(document.entries):
        match = matches.get(place)
        if match is not None:
            changed = isinstance(entry, Entry) and _differs(entry, match)
            listed.append(Identified(entry=entry, uid=match.uid, known_id=match.id, changed=changed))
        else:
            uid = _free_uid(document, entry.keys, taken)
            taken.add(uid)
            listed.append(Identified(entry=entry, uid=uid, known_id=None))
    return tuple(listed)


def _differs(entry: Entry, match: KnownEntry) -> bool:
    return match.keys != entry.keys or (entry.raw_key is not None and entry.raw_key != match.raw_key)


class _Document:
    """The entries without copies, and which of their keys tell them apart."""

    def __init__(self, entries: Sequence[Entry | Recognised], known: Sequence[KnownEntry]) -> None:
        texts: dict[tuple[str, str], set[str]] = defaultdict(set)
        for entry in entries:
            pair = _pair(entry.keys)
            if pair:
                texts[pair].add(entry.keys.content)
        stored_pairs = Counter(pair for item in known if (pair := _pair(item.keys)))
        self._vague = {
            pair for pair, found in texts.items() if len(found) > TEXTS_PER_ARTICLE or stored_pairs[pair] > 1
        }
        self.entries = _without_copies(entries, self._vague)
        self._guids = Counter(entry.keys.guid for entry in self.entries if entry.keys.guid)
        self._links = Counter(entry.keys.link for entry in self.entries if entry.keys.link)

    def pair(self, keys: EntryKeys) -> tuple[str, str] | None:
        pair = _pair(keys)
        return pair if pair not in self._vague else None

    def guid(self, keys: EntryKeys) -> str | None:
        return keys.guid if keys.guid and self._guids[keys.guid] == 1 else None

    def link(self, keys: EntryKeys) -> str | None:
        return keys.link if keys.link and self._links[keys.link] == 1 else None

    def lists_guid(self, guid: str | None) -> bool:
        return guid is not None and self._guids[guid] > 0

    def recognised(self) -> dict[int, KnownEntry]:
        """The stored entries that were recognised by their bytes, by place."""
        return {place: entry.known for place, entry in enumerate(self.entries) if isinstance(entry, Recognised)}

    def told_by_content(self, keys: EntryKeys) -> bool:
        return not (self.guid(keys) or self.pair(keys) or (keys.guid is None and self.link(keys)))


def _match(document: _Document, known: Sequence[KnownEntry]) -> Mapping[int, KnownEntry]:
    """Stored entry by place in the document; each stored entry at most once."""
    by_pair = _groups((_pair(item.keys), item) for item in known)
    by_guid = _groups((item.keys.guid, item) for item in known)
    by_link = _groups((item.keys.link, item) for item in known)
    by_content = _groups((item.keys.content, item) for item in known)
    found = document.recognised()
    claimed = {item.id for item in found.values()}

    def claim(place: int, candidates: Sequence[KnownEntry]) -> None:
        if place not in found and len(candidates) == 1 and candidates[0].id not in claimed:
            found[place] = candidates[0]
            claimed.add(candidates[0].id)

    rows = [(place, entry.keys) for place, entry in enumerate(document.entries)]
    for place, entry_keys in rows:
        claim(place, by_pair.get(document.pair(entry_keys), ()))
    for place, entry_keys in rows:
        claim(place, by_guid.get(document.guid(entry_keys), ()))
    for place, entry_keys in rows:
        candidates = by_link.get(document.link(entry_keys), ())
        if not any(document.lists_guid(item.keys.guid) and item.keys.guid != entry_keys.guid for item in candidates):
            claim(place, candidates)
    for place, entry_keys in rows:
        if document.told_by_content(entry_keys):
            same = by_content.get(entry_keys.content, ())
            free = [item for item in same if item.id not in claimed and _may_be(document, item, entry_keys)]
            claim(place, free[:1])
    return found


def _may_be(document: _Document, item: KnownEntry, entry_keys: EntryKeys) -> bool:
    """Equal content is not enough where both have a guid of their own and the stored one is still listed."""
    return item.keys.guid == entry_keys.guid or not document.lists_guid(item.keys.guid)


def _free_uid(document: _Document, entry_keys: EntryKeys, taken: set[str]) -> str:
    """The strongest name that no other entry of the feed has; at most 80 characters."""
    names = []
    if document.guid(entry_keys):
        names.append(f"g:{entry_keys.guid}")
    if document.pair(entry_keys):
        names.append(f"gl:{_digest(entry_keys.guid or '', entry_keys.link or '')}")
    if entry_keys.guid is None and document.link(entry_keys):
        names.append(f"l:{entry_keys.link}")
    names.append(f"c:{_digest(entry_keys.guid or '', entry_keys.link or '', entry_keys.content)}")
    for name in names:
        if name not in taken:
            return name
    number = 2
    while (name := f"{names[0]}:{number}") in taken:
        number += 1
    return name


def _without_copies(entries: Sequence[Entry | Recognised], vague: set[tuple[str, str]]) -> list[Entry | Recognised]:
    seen: set[Hashable] = set()
    kept = []
    for entry in entries:
        pair = _pair(entry.keys)
        mark: Hashable = pair if pair and pair not in vague else entry.keys
        if mark not in seen:
            seen.add(mark)
            kept.append(entry)
    return kept


def _groups(pairs: Iterable[tuple[_K | None, KnownEntry]]) -> dict[_K | None, list[KnownEntry]]:
    groups: dict[_K | None, list[KnownEntry]] = defaultdict(list)
    for key, item in pairs:
        if key is not None:
            groups[key].append(item)
    return dict(groups)


def _pair(entry_keys: EntryKeys) -> tuple[str, str] | None:
    return (entry_keys.guid, entry_keys.link) if entry_keys.guid and entry_keys.link else None


def _canonical_or_same(url: str) -> str:
    try:
        return canonical(url)
    except ValueError:
        return url


def _is_front_page(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return not (parts.path.strip("/") or parts.query or parts.fragment)


def _digest(*texts: str) -> str:
    return blake2b("\0".join(texts).encode("utf-8", "replace"), digest_size=16).hexdigest()
