#!/usr/bin/env bash
# feedgen 1.0.0 (writer) and feedparser 6.0.14 (reader), Python 3.11.
#
# FeedEntry.enclosure(url, length, type) is written by rss_str() as an enclosure. atom_str() writes the same file as
# <link href="…"/>, without rel, type and length. RFC 4287 (4.2.7.2) reads a link without rel as an alternate, so the
# entry has two alternates of the same kind, which 4.1.2 forbids. feedparser's `link` is the last alternate: a reader
# that follows it opens the audio file instead of the page.
#
# Seen:
#   atom links: [('alternate', 'https://example.org/1'), ('alternate', 'https://example.org/1.mp3')]
#   atom link: https://example.org/1.mp3 enclosures: 0
#   rss link: https://example.org/1 enclosures: 1
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" -q install feedgen==1.0.0 feedparser==6.0.14
"$folder/venv/bin/python" - <<'PY' | tee "$folder/seen"
import feedparser
from feedgen.feed import FeedGenerator

feed = FeedGenerator()
feed.id("https://example.org/")
feed.title("Talks")
feed.description("Talks")
feed.link(href="https://example.org/")
entry = feed.add_entry()
entry.id("https://example.org/1")
entry.title("First")
entry.link(href="https://example.org/1")
entry.enclosure("https://example.org/1.mp3", 5, "audio/mpeg")
[atom] = feedparser.parse(feed.atom_str()).entries
[rss] = feedparser.parse(feed.rss_str()).entries
print("atom links:", [(link.rel, link.href) for link in atom.links])
print("atom link:", atom.link, "enclosures:", len(atom.enclosures))
print("rss link:", rss.link, "enclosures:", len(rss.enclosures))
PY
diff "$folder/seen" - <<'SEEN'
atom links: [('alternate', 'https://example.org/1'), ('alternate', 'https://example.org/1.mp3')]
atom link: https://example.org/1.mp3 enclosures: 0
rss link: https://example.org/1 enclosures: 1
SEEN
