"""Which articles of real feeds would be told once: every folder of captured feeds is one topic that follows them all.

    python benchmarks/stories.py SHARED_FOLDER [--pairs FILE]

Prints, for each folder, how many articles of different sources were compared and how many are taken for one story,
by the link or by the words; `--pairs` writes every such pair to a file, to be looked at.
"""

import argparse
import gzip
import io
import tarfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bot.duplicates import same_story, text_similarity
from bot.errors import ParseError
from bot.feeds.parsing import feed_parser
from bot.model import ParsedFeed, Story

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def documents(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.name.endswith(".tar.xz"):
            with tarfile.open(fileobj=io.BytesIO(path.read_bytes()), mode="r:xz") as archive:
                names = archive.getnames()
                # The first and the last, and some between: a feed's whole history in a few documents.
                for name in names[:: max(1, len(names) // 20)]:
                    member = archive.extractfile(name)
                    if member is not None:
                        yield str(path.parent.name), member.read()
        elif path.is_file() and path.suffix not in {".json", ".tsv", ".md"}:
            data = path.read_bytes()
            yield str(path.relative_to(folder)), gzip.decompress(data) if path.name.endswith(".raw.gz") else data


def stories_of(folder: Path) -> list[Story]:
    """Every article once per source, oldest first."""
    found: dict[tuple[str, str], Story] = {}
    feeds: dict[str, int] = {}
    for name, body in documents(folder):
        try:
            parsed: ParsedFeed = feed_parser.read(body, "https://feeds.example.test/feed", None)
        except (ParseError, RecursionError):
            continue
        feed = feeds.setdefault(name, len(feeds))
        for entry in parsed.entries:
            key = entry.keys.guid or entry.keys.link or entry.keys.content
            found.setdefault(
                (name, key),
                Story(
                    delivery_id=len(found),
                    entry_id=len(found),
                    feed_id=feed,
                    at=entry.published_at or LONG_AGO,
                    title=entry.title,
                    link=entry.link,
                    link_key=entry.keys.link,
                    source=parsed.title or "",
                    text=entry.text,
                ),
            )
    return with_facts(sorted(found.values(), key=lambda each: (each.at, each.delivery_id)))


def with_facts(listed: list[Story]) -> list[Story]:
    links = Counter((each.feed_id, each.link_key) for each in listed)
    titles = Counter((each.feed_id, text_similarity.of_title(each.title).words) for each in listed)
    return [
        replace(
            each,
            link_is_shared=links[each.feed_id, each.link_key] > 1,
            title_recurs=titles[each.feed_id, text_similarity.of_title(each.title).words] > 1,
        )
        for each in listed
    ]


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("shared", type=Path)
    arguments.add_argument("--pairs", type=Path)
    options = arguments.parse_args()
    lines: list[str] = []
    print(f"{'folder':24} {'sources':>8} {'articles':>9} {'by link':>8} {'by words':>9} {'µs each':>8}")
    for folder in sorted(path for path in (options.shared / "corpus" / "real").iterdir() if path.is_dir()):
        listed = stories_of(folder)
        counted: Counter[str] = Counter()
        told: list[Story] = []
        also: dict[int, frozenset[int]] = defaultdict(frozenset)
        started = time.process_time()
        for new in listed:
            recent = [
                replace(each, sources=also[each.delivery_id])
                for each in told
                if abs(each.at - new.at) <= same_story.SAME_TEXT_WITHIN or each.link_key == new.link_key
            ]
            merged = same_story.match(new, same_story.suspects(new, recent))
            if merged is None:
                told.append(new)
                continue
            how = "link" if merged.link_key == new.link_key else "words"
            counted[how] += 1
            also[merged.delivery_id] |= {new.feed_id}
            lines.append(
                f"{folder.name}\t{how}\t{merged.title}\t{new.title}\t{merged.link}\t{new.link}\t{new.at - merged.at}"
            )
        each_takes = (time.process_time() - started) / max(1, len(listed)) * 1e6
        print(
            f"{folder.name:24} {len({each.feed_id for each in listed}):8} {len(listed):9} "
            f"{counted['link']:8} {counted['words']:9} {each_takes:8.0f}"
        )
    if options.pairs:
        options.pairs.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
