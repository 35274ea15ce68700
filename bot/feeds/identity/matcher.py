"""The rules of `feeds.identity.identify` at work: what tells a document's entries apart, and the stored entry for each place."""

from collections import Counter, defaultdict, deque
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

from bot.model import Entry, EntryKeys, StoredEntry, UnchangedEntry

TEXTS_PER_ARTICLE = 2
"""A document that lists one guid and link with this many texts shows an old and an edited copy of one article."""
RENAMED_TOGETHER = 3
"""From so many on, equal contents under new guids and links in one document are no coincidence."""
TEXT_OF_ITS_OWN = 200
"""Characters from which on a text is taken to be of one article; a shorter one may be a phrase that returns."""

_K = TypeVar("_K", bound=Hashable)
_Queue = deque[StoredEntry]


class Document:
    """The entries without copies, and which of their keys tell them apart."""

    def __init__(self, entries: Sequence[Entry | UnchangedEntry], known: Sequence[StoredEntry]) -> None:
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
        self._contents = Counter(entry.keys.content for entry in self.entries)
        self._guid_at_link = {entry.keys.link: entry.keys.guid for entry in self.entries}

    def pair(self, keys: EntryKeys) -> tuple[str, str] | None:
        pair = _pair(keys)
        return pair if pair not in self._vague else None

    def guid(self, keys: EntryKeys) -> str | None:
        return keys.guid if keys.guid and self._guids[keys.guid] == 1 else None

    def link(self, keys: EntryKeys) -> str | None:
        return keys.link if keys.link and self._links[keys.link] == 1 else None

    def content(self, keys: EntryKeys) -> str | None:
        return keys.content if self._contents[keys.content] == 1 else None

    def lists_guid(self, guid: str | None) -> bool:
        return guid is not None and self._guids[guid] > 0

    def lists_link(self, link: str | None) -> bool:
        return link is not None and self._links[link] > 0

    def guid_at(self, link: str | None) -> str | None:
        """The guid of the one entry that has this link."""
        return self._guid_at_link[link] if link and self._links[link] == 1 else None

    def told_by_content(self, keys: EntryKeys) -> bool:
        return not (self.guid(keys) or self.pair(keys) or (keys.guid is None and self.link(keys)))


class Matching:
    """Gives stored entries to places in the document, rule by rule; each at most once."""

    def __init__(self, document: Document, known: Sequence[StoredEntry], listed: Collection[int]) -> None:
        self._document = document
        self._known = known
        self._listed = listed
        self._rows = [(place, entry.keys) for place, entry in enumerate(document.entries)]
        self._lone = len(self._rows) == 1
        self._found: dict[int, StoredEntry] = {}
        self._claimed: set[int] = set()

    def run(self) -> Mapping[int, StoredEntry]:
        """Stored entry by place."""
        for place, entry in enumerate(self._document.entries):
            if isinstance(entry, UnchangedEntry):
                self._claim(place, entry.known)
        self._all_keys()
        if len(self._found) < len(self._rows):
            self._group()
            self._guid_and_link()
            self._two_keys_with_content()
            self._guid_alone()
            self._link_alone()
            self._content_alone()
            self._replaced_in_place()
        return self._found

    def _group(self) -> None:
        self._by_pair = _groups((_pair(item.keys), item) for item in self._known)
        self._by_guid = _groups((item.keys.guid, item) for item in self._known)
        self._by_link = _groups((item.keys.link, item) for item in self._known)
        self._by_content = _groups((item.keys.content, item) for item in self._known)
        self._reused = self._guids_are_reused()

    def _claim(self, place: int, item: StoredEntry | None) -> None:
        if item is not None and place not in self._found and item.id not in self._claimed:
            self._found[place] = item
            self._claimed.add(item.id)

    def _with_guid(self, keys: EntryKeys) -> StoredEntry | None:
        return _only(self._by_guid.get(self._document.guid(keys), ()))

    def _with_link(self, keys: EntryKeys) -> StoredEntry | None:
        return _only(self._by_link.get(self._document.link(keys), ()))

    def _all_keys(self) -> None:
        same: dict[EntryKeys, _Queue] = defaultdict(deque)
        for item in self._known:
            same[item.keys].append(item)
        for place, keys in self._rows:
            self._claim(place, self._next(same[keys]))

    def _guid_and_link(self) -> None:
        for place, keys in self._rows:
            self._claim(place, _only(self._by_pair.get(self._document.pair(keys), ())))

    def _two_keys_with_content(self) -> None:
        for find in (self._with_guid, self._with_link):
            for place, keys in self._rows:
                item = find(keys)
                if item is not None and item.keys.content == keys.content:
                    self._claim(place, item)

    def _guid_alone(self) -> None:
        doubtful = self._lone or self._reused
        for place, keys in self._rows:
            item = self._with_guid(keys)
            if item is not None and not (doubtful and _differ(item.keys.link, keys.link)):
                self._claim(place, item)

    def _link_alone(self) -> None:
        for place, keys in self._rows:
            item = self._with_link(keys)
            if item is None:
                continue
            elsewhere = item.keys.guid != keys.guid and self._document.lists_guid(item.keys.guid)
            if not (elsewhere and not self._reused) and not (self._lone and _differ(item.keys.guid, keys.guid)):
                self._claim(place, item)

    def _content_alone(self) -> None:
        rows = [(place, keys) for place, keys in self._rows if self._document.told_by_content(keys)]
        same_guid: dict[tuple[str | None, str], _Queue] = defaultdict(deque)
        guid_left: dict[str, _Queue] = defaultdict(deque)
        for content in dict.fromkeys(keys.content for _, keys in rows):
            for item in self._by_content.get(content, ()):
                same_guid[item.keys.guid, content].append(item)
                if not self._document.lists_guid(item.keys.guid):
                    guid_left[content].append(item)
        for place, keys in rows:
            self._claim(place, self._next(same_guid[keys.guid, keys.content]) or self._next(guid_left[keys.content]))

    def _next(self, queue: _Queue) -> StoredEntry | None:
        """The first that nobody has. What is passed over never comes back, so that all calls together are linear."""
        while queue and queue[0].id in self._claimed:
            queue.popleft()
        return queue[0] if queue else None

    def _replaced_in_place(self) -> None:
        pairs = []
        for place, keys in self._rows:
            item = _only(self._by_content.get(self._document.content(keys), ()))
            if place not in self._found and item is not None and self._left_just_now(item):
                pairs.append((place, item))
        if self._found:
            oldest = min(item.id for item in self._found.values())
            pairs = [(place, item) for place, item in pairs if oldest < item.id and self._has_own_text(place, item)]
        elif len(pairs) < RENAMED_TOGETHER:
            return
        for place, item in pairs:
            self._claim(place, item)

    def _left_just_now(self, item: StoredEntry) -> bool:
        return (
            item.id in self._listed and item.id not in self._claimed and not self._document.lists_guid(item.keys.guid)
        )

    def _has_own_text(self, place: int, item: StoredEntry) -> bool:
        entry = self._document.entries[place]
        text = entry.text if isinstance(entry, Entry) else ""
        return len(text) >= TEXT_OF_ITS_OWN and not self._document.lists_link(item.keys.link)

    def _guids_are_reused(self) -> bool:
        """Whether the feed gives one guid to several articles, at once or one after the other."""
        for _, keys in self._rows:
            stored = self._by_guid.get(keys.guid, ())
            at_link = self._document.guid_at(stored[0].keys.link) if len(stored) == 1 else None
            if len(stored) > 1 or (at_link is not None and at_link != keys.guid and at_link in self._by_guid):
                return True
        return False


def _without_copies(
    entries: Sequence[Entry | UnchangedEntry], vague: set[tuple[str, str]]
) -> list[Entry | UnchangedEntry]:
    seen: set[Hashable] = set()
    kept = []
    for entry in entries:
        pair = _pair(entry.keys)
        mark: Hashable = pair if pair and pair not in vague else entry.keys
        if mark not in seen:
            seen.add(mark)
            kept.append(entry)
    return kept


def _groups(pairs: Iterable[tuple[_K | None, StoredEntry]]) -> dict[_K | None, list[StoredEntry]]:
    groups: dict[_K | None, list[StoredEntry]] = defaultdict(list)
    for key, item in pairs:
        if key is not None:
            groups[key].append(item)
    return dict(groups)


def _only(candidates: Sequence[StoredEntry]) -> StoredEntry | None:
    return candidates[0] if len(candidates) == 1 else None


def _differ(one: str | None, other: str | None) -> bool:
    """Both there, and not the same."""
    return one is not None and other is not None and one != other


def _pair(entry_keys: EntryKeys) -> tuple[str, str] | None:
    return (entry_keys.guid, entry_keys.link) if entry_keys.guid and entry_keys.link else None
