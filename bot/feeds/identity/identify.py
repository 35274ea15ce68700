"""Decides which entry of a document is which stored one. Pure and linear; dates never take part.

Posting an article once rests on this module. A wrong match loses an article, a missing one repeats it. An entry has
up to three keys: guid, link, content (title and text). The rules, strongest first; each takes what the rules above
left over, on both sides, and no stored entry is given out twice:

| the document's entry and a stored one | are the same, if | for instance |
| --- | --- | --- |
| 1 agree in all they have | always | a date or the order changed, it left and came back |
| 2 agree in guid and link | the two together tell articles apart | an edit |
| 3 agree in guid and content | the guid tells apart | the domain moved |
| 4 agree in link and content | the link tells apart | all guids changed; guids that number the places in the list |
| 5 agree in guid only | it tells apart | the page moved and was edited |
| 6 agree in link only | it tells apart, the stored guid is no longer listed | renamed and edited at once |
| 7 agree in content only | neither guid nor link can tell | one guid and link for all; neither of them there |
| 8 agree in content only | the stored one was replaced in place | a slip in the address was mended; a site moved |

Everything else is new. What the words mean:

- A guid or link *tells apart* if one entry of the document has it and one stored entry. So a guid that repeats counts
  only with the link, and a link that several entries share counts for nothing, now and later. A link to a bare host (a
  site's front page) is no key at all. Guid and link together do not tell apart if the document has more than two
  texts under them; two are an old and an edited copy of one article.
- Guids of a feed are *reused* if one is stored for several entries, or if a stored entry's guid and link are both
  listed, each with another known one (then the places in the list have guids, not the articles). There a guid counts
  for nothing against another link (rule 5), nor as "still listed" against a link (rule 6).
- In a document of one entry, a guid counts for nothing against another link, and a link against another guid: a feed
  of the latest item only may give one of them to all its items, and no second entry shows it.
- Content alone tells (rule 7) where in the document the guid repeats or is missing, the link too, and guid and link
  together do not tell apart; the stored entry then has the same guid, or one that is no longer listed.
- *Replaced in place*: listed in the document that was read last, gone from this one under guid and link, its content
  unique among what is stored and what is listed. Either nothing of the document was recognised by the rules above
  and at least three entries are like that (guids and links changed together), or an older entry is still listed, so
  that this one cannot have left at the end of the list, and the text is long enough to be nobody else's.

Where even a person could not tell, it is decided so: without guid and link an edit is a new entry; in a feed whose
only entry keeps guid and link whatever it says, every new text is an edit.
"""

from collections.abc import Collection, Sequence
from hashlib import blake2b
from urllib.parse import urlsplit

from bot.feeds.identity.matcher import Document, Matching
from bot.model import Entry, EntryKeys, MatchedEntry, StoredEntry, UnchangedEntry
from bot.url_normalisation import canonical


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


def identify(
    entries: Sequence[Entry | UnchangedEntry], known: Sequence[StoredEntry], *, listed: Collection[int] = frozenset()
) -> tuple[MatchedEntry, ...]:
    """Pair the document's entries with the stored ones, in the document's order.

    What was recognised by its bytes is the stored entry it was recognised as, and only helps to tell the others apart.
    Copies of one entry give one result, at the place of the first. No two results share a uid or a stored entry.

    Args:
        known: every stored entry of the feed that shares a key with an entry of the document; more do no harm.
        listed: ids of the stored entries that the document which was read last listed. Without them no entry is
            recognised as replaced in place.
    """
    document = Document(entries, known)
    matches = Matching(document, known, listed).run()
    taken = {item.uid for item in known}
    found = []
    for place, entry in enumerate(document.entries):
        match = matches.get(place)
        if match is not None:
            changed = isinstance(entry, Entry) and _differs(entry, match)
            reworded = changed and match.keys.content != entry.keys.content
            found.append(MatchedEntry(entry, match.uid, match.id, changed=changed, reworded=reworded))
        else:
            uid = _free_uid(document, entry.keys, taken)
            taken.add(uid)
            found.append(MatchedEntry(entry=entry, uid=uid, known_id=None))
    return tuple(found)


def _differs(entry: Entry, match: StoredEntry) -> bool:
    return match.keys != entry.keys or (entry.raw_key is not None and entry.raw_key != match.raw_key)


def _free_uid(document: Document, entry_keys: EntryKeys, taken: set[str]) -> str:
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
