"""Read subscription lists that people really import, and compare with a recovering XML parser.

    PYTHONPATH=. python benchmarks/opml.py [SHARED_FOLDER]

Prints on how many lists the numbers of feeds agree, and each difference with what is known of its reason. Exit code 1
if a list cannot be read, or gives fewer feeds than the other parser found for no reason.
"""

import gzip
import html
import json
import re
import sys
import time
from collections import Counter
from pathlib import Path

from bot.errors import UserError
from bot.feeds.encodings.decode import decode
from bot.feeds.opml import opml
from bot.url_normalisation import canonical


def body_of(path: Path) -> bytes | None:
    packed = path.with_name(f"{path.name}.raw.gz")
    if path.exists():
        return path.read_bytes()
    return gzip.decompress(packed.read_bytes()) if packed.exists() else None


def why_fewer(body: bytes, found: opml.FeedList) -> str:
    """Addresses that are one for Riverpost and several for who compares them letter by letter."""
    written = {
        html.unescape(match) for match in re.findall(r"""\bxmlurl\s*=\s*["']([^"']+)""", decode(body), re.IGNORECASE)
    }
    forms: dict[str, set[str]] = {}
    for address in written:
        forms.setdefault(canonical(opml.usable(address) or address), set()).add(address)
    several = [sorted(group) for group in forms.values() if len(group) > 1]
    return f"one feed each: {several}, no address: {list(found.unusable)}"


def main() -> int:
    shared = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[2] / "shared"
    rows = json.loads((shared / "corpus/opml/ORACLE.json").read_text("utf-8"))
    seen: Counter[str] = Counter()
    seconds, bad = 0.0, 0
    for row in rows:
        body = body_of(shared / "corpus" / row["path"])
        if body is None:
            seen["lists that the corpus names and does not hold"] += 1
            continue
        kind = "well-formed" if row["well_formed"] else "not well-formed"
        seen[f"{kind} lists"] += 1
        started = time.process_time()
        try:
            found = opml.read(body)
        except UserError as error:
            bad += bool(row["feeds"])
            print(f"{row['path']}: refused: {error}")
            continue
        finally:
            seconds += time.process_time() - started
        outlines = len(found.feeds) + found.repeated + len(found.unusable)
        seen["feeds"] += len(found.feeds)
        if outlines == row["feeds"]:
            seen[f"{kind} lists that agree"] += 1
        else:
            addresses = len(re.findall(rb"\bxmlurl\s*=\s*[\"'][^\"'\s]", body, re.IGNORECASE))
            less = outlines < row["feeds"]
            bad += less and outlines != addresses
            print(
                f"{row['path']}: {outlines} outlines with feeds, {row['feeds']} in the other; {addresses} written there"
            )
        usable = row["distinct"] - len(set(found.unusable))
        seen["lists of which the distinct feeds agree"] += len(found.feeds) == usable
        if len(found.feeds) != usable and outlines == row["feeds"]:
            print(f"{row['path']}: {len(found.feeds)} distinct, {usable} in the other; {why_fewer(body, found)}")
    for name, count in seen.items():
        print(f"{count:6} {name}")
    print(f"{seconds / len(rows) * 1000:.2f} ms a list")
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
