#!/usr/bin/env bash
# fastfeedparser 0.6.5 and atoma 0.0.17 (readers), beside feedparser 6.0.14, Python 3.11.
#
# A title of type xhtml (RFC 4287, 3.1.1.3) has its words inside a div. fastfeedparser gives an empty title and atoma
# none, without an error, so the article has no headline.
#
# Seen:
#   feedparser: 'About <em>buttons</em>'
#   fastfeedparser: ''
#   atoma: None
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" -q install fastfeedparser==0.6.5 atoma==0.0.17 feedparser==6.0.14
"$folder/venv/bin/python" - <<'PY' | tee "$folder/seen"
import atoma
import fastfeedparser
import feedparser

DOCUMENT = b"""<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Notes</title>
<id>urn:example:notes</id><updated>2026-01-02T03:04:05Z</updated><author><name>Ann</name></author>
<entry><title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">About <em>buttons</em></div></title>
<id>urn:example:1</id><updated>2026-01-02T03:04:05Z</updated><link href="https://example.org/1"/></entry></feed>"""
print("feedparser:", repr(feedparser.parse(DOCUMENT).entries[0].title))
print("fastfeedparser:", repr(fastfeedparser.parse(DOCUMENT).entries[0].title))
print("atoma:", atoma.parse_atom_bytes(DOCUMENT).entries[0].title)
PY
diff "$folder/seen" - <<'SEEN'
feedparser: 'About <em>buttons</em>'
fastfeedparser: ''
atoma: None
SEEN
