"""Compare what Riverpost reads from a corpus of captured feeds with the corpus's own reference.

    python benchmarks/corpus_fidelity.py SHARED_FOLDER [EVERY_NTH]

Prints shares, then every document that differs in the number of entries or fails in an unforeseen way.
"""

import gzip
import json
import sys
import time
from collections import Counter
from pathlib import Path

from bot.errors import ParseError
from bot.feeds import document


def body_of(path: Path) -> bytes:
    data = path.read_bytes()
    return gzip.decompress(data) if path.name.endswith(".raw.gz") else data


def main() -> int:
    corpus = Path(sys.argv[1]) / "corpus"
    every = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    rows = [json.loads(line) for line in (corpus / "REFERENCE.jsonl").read_text("utf-8").splitlines()][::every]
    seen: Counter[str] = Counter()
    trouble: list[str] = []
    started = time.process_time()
    for row in rows:
        seen["documents"] += 1
        try:
            feed = document.read(body_of(corpus / row["path"]), "https://feeds.example.test/feed", None)
        except ParseError as error:
            seen["refused"] += 1
            seen["refused rightly (no entries expected)"] += row["entries"] == 0
            if row["entries"]:
                trouble.append(f"{row['path']}: {row['entries']} expected, refused: {error}")
            continue
        except Exception as error:  # noqa: BLE001 - the point of the run is to find them
            seen["raised"] += 1
            trouble.append(f"{row['path']}: raised {error!r}")
            continue
        same = len(feed.entries) == row["entries"]
        seen["same number of entries"] += same
        seen["skipped entries"] += feed.skipped
        if not same:
            trouble.append(
                f"{row['path']}: {row['entries']} expected, {len(feed.entries)} read, {feed.skipped} skipped"
            )
        for entry, expected in zip(feed.entries, row["first"], strict=False):
            seen["first entries compared"] += 1
            seen["with title"] += bool(entry.title)
            seen["with title in reference"] += bool(expected["title"])
            seen["same date"] += (entry.published_at.strftime("%Y-%m-%dT%H:%M:%SZ") if entry.published_at else "") == (
                expected["date"] or ""
            )
            seen["same link"] += (entry.link or "") == (expected["link"] or "")
        for entry in feed.entries:
            seen["entries"] += 1
            for name in ("title", "link", "guid", "text", "author", "image_url", "enclosure", "published_at"):
                seen[f"entries with {name}"] += bool(getattr(entry, name))
    seen["CPU seconds"] = round(time.process_time() - started)
    for name, count in seen.items():
        print(f"{count:8} {name}")
    print("\n".join(trouble))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
