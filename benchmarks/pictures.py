"""Which pictures the entries of the corpus's real feeds get, and whether any looks wrong.

    python benchmarks/pictures.py SHARED_FOLDER [--sample N] [--seed N]

Prints the share of entries with a picture per folder, then one address per feed of a random sample, to be looked at.
"""

import argparse
import gzip
import random
import sys
from collections import Counter, defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from bot.errors import ParseError
from bot.feeds.images.channel_art import without_decoration
from bot.feeds.parsing import feed_parser


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("shared", type=Path)
    options.add_argument("--sample", type=int, default=60)
    options.add_argument("--seed", type=int, default=1)
    args = options.parse_args()
    real = args.shared / "corpus/real"
    entries: Counter[str] = Counter()
    raw: Counter[str] = Counter()
    kept: Counter[str] = Counter()
    chosen: defaultdict[str, list[str]] = defaultdict(list)
    for path in sorted(real.rglob("*")):
        if not path.is_file() or "series" in path.parts or path.suffix == ".tsv":
            continue
        data = path.read_bytes()
        body = gzip.decompress(data) if path.name.endswith(".raw.gz") else data
        try:
            feed = feed_parser.read(body, "https://feeds.example.test/feed", None)
        except ParseError:
            continue
        folder = path.relative_to(real).parts[0]
        entries[folder] += len(feed.entries)
        raw[folder] += sum(entry.image_url is not None for entry in feed.entries)
        for entry in without_decoration(feed, body).entries:
            if entry.image_url:
                kept[folder] += 1
                chosen[str(path.relative_to(real))].append(entry.image_url)
    print(
        f"{'folder':24}{'entries':>9}{'named':>9}{'shown':>9}  named: as a picture; shown: after logos and decoration"
    )
    for folder, count in sorted(entries.items()):
        print(f"{folder:24}{count:9}{raw[folder]:9}{kept[folder]:9}  {kept[folder] / max(1, count):.0%}")
    total = sum(entries.values())
    print(f"{'all':24}{total:9}{sum(raw.values()):9}{sum(kept.values()):9}  {sum(kept.values()) / max(1, total):.0%}")
    chance = random.Random(args.seed)
    for name in chance.sample(sorted(chosen), min(args.sample, len(chosen))):
        print(f"{name}  {chance.choice(chosen[name])[:200]}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
