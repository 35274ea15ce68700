"""Read a corpus of captured feeds and compare with its own reference.

    python benchmarks/corpus_fidelity.py SHARED_FOLDER [EVERY_NTH]

Prints the share of the real feeds whose entries have a title or a link, what the entries have, and where Riverpost and
the reference (feedparser 6.0.14 as it comes) differ. Every document without such entries is listed with the reason; the
exit code is 1 if one of them has none below, or if less than the target share is read.
"""

import csv
import gzip
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from bot.errors import ParseError
from bot.feeds.encodings.detect import as_utf8
from bot.feeds.parsing import feed_parser
from bot.model import ParsedFeed

TARGET = 0.995
BASE = "https://feeds.example.test/feed"
ITEM = re.compile(r"<(?:[\w.-]+:)?(?:item|entry)[\s>]", re.IGNORECASE)
TEXT_ONLY = "its entries have a description and nothing else; they are read, and shown by their text"
QUOTED = re.compile(r"<!\[CDATA\[.*?\]\]>|<!--.*?-->", re.DOTALL)
FIELDS = ("title", "link", "guid", "text", "author", "image_url", "enclosure", "published_at", "categories")


def body_of(path: Path) -> bytes:
    data = path.read_bytes()
    return gzip.decompress(data) if path.name.endswith(".raw.gz") else data


def real_feeds(corpus: Path) -> Iterator[str]:
    with (corpus / "MANIFEST.tsv").open("r", encoding="utf-8", newline="") as manifest:
        for row in csv.DictReader(manifest, delimiter="\t", quoting=csv.QUOTE_NONE):
            if "REAL" in row["notes"].split():
                yield row["path"]


def right_to_fail(body: bytes) -> str | None:
    """Why nothing can be read of it, found without Riverpost's reader; None if something should be."""
    text = as_utf8(body, None).decode("utf-8", "replace")
    start = text.lstrip()[:2000].lower()
    if not text.strip() or re.fullmatch(r"\s*(<\?xml[^>]*\?>\s*)?", text):
        return "it is empty"
    if start[:1] in "{[":
        return None
    if text.count("\ufffd") > len(text) / 20 or "\0" in text[:200]:
        return "it is no text: a broken gzip file"
    if "<html" in start or "<!doctype html" in start:
        return "it is a web page"
    if not re.search(r"<(?:[\w.-]+:)?(?:rss|rdf|feed|channel)\b", text[:65_536], re.IGNORECASE):
        return "it has no feed's root element"
    if not ITEM.search(QUOTED.sub("", text)):
        return "it is a feed without entries"
    if not re.search(
        r"<(?:[\w.-]+:)?(?:title|link|guid|enclosure)[\s>]", ITEM.split(text, maxsplit=1)[1], re.IGNORECASE
    ):
        return TEXT_ONLY
    return None


def outcome(corpus: Path, path: str) -> tuple[bytes, ParsedFeed | str]:
    body = body_of(corpus / path)
    try:
        return body, feed_parser.read(body, BASE, None)
    except ParseError as error:
        return body, str(error)


def main() -> int:
    corpus = Path(sys.argv[1]) / "corpus"
    every = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    reference = {
        row["path"]: row for row in map(json.loads, (corpus / "REFERENCE.jsonl").read_text("utf-8").splitlines())
    }
    seen: Counter[str] = Counter()
    failed: list[tuple[str, str, str | None]] = []
    different: list[str] = []
    started = time.process_time()
    for path in list(real_feeds(corpus))[::every]:
        seen["real documents"] += 1
        body, found = outcome(corpus, path)
        said = found if isinstance(found, str) else "read, but no entry has a title or a link"
        entries = () if isinstance(found, str) else found.entries
        if not any(entry.title or entry.link for entry in entries):
            failed.append(
                (path, said if entries or isinstance(found, str) else "read: no entries", right_to_fail(body))
            )
            continue
        seen["with entries that have a title or a link"] += 1
        assert not isinstance(found, str)
        seen["entries"] += len(entries)
        seen["entries skipped"] += found.skipped
        for name in FIELDS:
            seen[f"entries with {name}"] += sum(bool(getattr(entry, name)) for entry in entries)
        seen["entries with title or link"] += sum(bool(entry.title or entry.link) for entry in entries)
        if row := reference.get(path):
            different += compared(path, found, row, seen)
    seen["CPU seconds"] = round(time.process_time() - started)
    for name, count in seen.items():
        print(f"{count:8} {name}")
    wrong = [row for row in failed if row[2] is None]
    feeds = seen["real documents"] - len(failed) + sum(row[2] in (None, TEXT_ONLY) for row in failed)
    share = seen["with entries that have a title or a link"] / feeds
    print(f"\n{100 * share:.2f} % of the {feeds} documents that are feeds with entries (target {100 * TARGET} %)")
    print(f"\n{len(failed)} documents without such entries, and why that is right:")
    for path, said, why in failed:
        print(f"  {path}: {said} {why or 'NO REASON FOUND'}")
    print(f"\n{len(different)} differ from the reference in number or date:")
    print("\n".join(f"  {line}" for line in different))
    return 1 if wrong or share < TARGET else 0


def compared(path: str, found: ParsedFeed, row: dict[str, object], seen: Counter[str]) -> Iterator[str]:
    expected = row["entries"]
    seen["same number of entries as the reference"] += len(found.entries) == expected
    if len(found.entries) != expected:
        yield f"{path}: {expected} entries in the reference, {len(found.entries)} here"
        return
    for entry, first in zip(found.entries, row["first"], strict=False):  # type: ignore[call-overload]
        seen["first entries compared"] += 1
        date = entry.published_at.strftime("%Y-%m-%dT%H:%M:%SZ") if entry.published_at else ""
        seen["same date"] += date == (first["date"] or "")
        seen["same link"] += (entry.link or "") == (first["link"] or "")
        if date != (first["date"] or ""):
            yield f"{path}: date {first['date'] or 'none'} in the reference, {date or 'none'} here"


if __name__ == "__main__":
    raise SystemExit(main())
