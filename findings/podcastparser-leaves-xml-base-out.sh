#!/usr/bin/env bash
# podcastparser 0.6.11 (the reader of gPodder), fastfeedparser 0.6.5 and feedparser 6.0.14, Python 3.11.
#
# Atom's addresses are relative to xml:base where one is declared (RFC 4287, 2; RFC 3986, 5.1). The three readers make
# three different addresses of the same valid link: resolved against xml:base, against the feed's own address, and not
# at all.
#
# Seen:
#   feedparser: https://example.org/talks/1
#   podcastparser: https://feeds.example.org/1
#   fastfeedparser: 1
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" -q install podcastparser==0.6.11 fastfeedparser==0.6.5 feedparser==6.0.14
"$folder/venv/bin/python" - <<'PY' | tee "$folder/seen"
import io

import fastfeedparser
import feedparser
import podcastparser

ADDRESS = "https://feeds.example.org/talks.atom"
DOCUMENT = b"""<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://example.org/talks/">
<title>Talks</title><id>urn:example:talks</id><updated>2026-01-02T03:04:05Z</updated><author><name>Ann</name></author>
<entry><title>First</title><id>urn:example:1</id><updated>2026-01-02T03:04:05Z</updated><link href="1"/></entry></feed>"""
print("feedparser:", feedparser.parse(DOCUMENT).entries[0].link)
print("podcastparser:", podcastparser.parse(ADDRESS, io.BytesIO(DOCUMENT))["episodes"][0]["link"])
print("fastfeedparser:", fastfeedparser.parse(DOCUMENT).entries[0].link)
PY
diff "$folder/seen" - <<'SEEN'
feedparser: https://example.org/talks/1
podcastparser: https://feeds.example.org/1
fastfeedparser: 1
SEEN
