#!/usr/bin/env bash
# @extractus/feed-extractor 8.0.3 (npm, reader), Node 20.
#
# An item of RSS 1.0 has its identity in rdf:about, which the format requires. feed-extractor does not read it and makes
# an id of the link and the date instead. Whoever stores these ids sees a new article each time the date is corrected.
#
# Seen:
#   same rdf:about, same link, other day: other id
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @extractus/feed-extractor@8.0.3 >/dev/null
cat > show.mjs <<'JS'
import { extractFromXml } from "@extractus/feed-extractor";

const id = (day) =>
  extractFromXml(`<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
  xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://example.org/">
  <title>Notes</title><link>https://example.org/</link><description>Notes</description><items><rdf:Seq>
  <rdf:li rdf:resource="https://example.org/1"/></rdf:Seq></items></channel><item rdf:about="https://example.org/1">
  <title>First</title><link>https://example.org/1</link><dc:date>2026-01-${day}</dc:date></item></rdf:RDF>`).entries[0].id;
console.log(`same rdf:about, same link, other day: ${id("02") === id("03") ? "same" : "other"} id`);
JS
node show.mjs | tee seen
diff seen - <<'SEEN'
same rdf:about, same link, other day: other id
SEEN
