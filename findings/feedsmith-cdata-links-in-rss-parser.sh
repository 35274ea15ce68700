#!/usr/bin/env bash
# feedsmith 3.0.1 (writer) and rss-parser 3.13.0 (reader), npm, Node 20.
#
# feedsmith puts a text with & or < into CDATA on a line of its own, so the element begins and ends with white space.
# RSS does not say that it is to be cut, and rss-parser keeps it: the link of an article whose address has two parameters
# comes out with line ends around it, one with a single parameter does not.
#
# Seen:
#   "https://example.org/?page=1"
#   "\n        https://example.org/?page=1&lang=en\n      "
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund feedsmith@3.0.1 rss-parser@3.13.0 >/dev/null
cat > show.mjs <<'JS'
import { generateRssFeed } from "feedsmith";
import Parser from "rss-parser";

for (const link of ["https://example.org/?page=1", "https://example.org/?page=1&lang=en"]) {
  const feed = { title: "Notes", link: "https://example.org/", description: "Notes", items: [{ title: "First", link }] };
  const { items } = await new Parser().parseString(generateRssFeed(feed));
  console.log(JSON.stringify(items[0].link));
}
JS
node show.mjs | tee seen
diff seen - <<'SEEN'
"https://example.org/?page=1"
"\n        https://example.org/?page=1&lang=en\n      "
SEEN
