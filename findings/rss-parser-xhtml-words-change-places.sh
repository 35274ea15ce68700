#!/usr/bin/env bash
# rss-parser 3.13.0 (npm, reader), Node 20.
#
# Atom allows content and titles of type xhtml (RFC 4287, 3.1.1.3). rss-parser builds the text anew from a tree that
# keeps an element's own words apart from its child elements: all words of a paragraph come first, then what was bold or
# linked in it. A sentence reads differently. A title of this type is an object, not a text.
#
# Seen:
#   Never press the  button twice.red
#   object
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund rss-parser@3.13.0 >/dev/null
cat > show.cjs <<'JS'
const Parser = require("rss-parser");

const xhtml = (words) => `<div xmlns="http://www.w3.org/1999/xhtml">${words}</div>`;
const atom = `<feed xmlns="http://www.w3.org/2005/Atom"><title>Notes</title><id>urn:example:notes</id>
  <updated>2026-01-02T03:04:05Z</updated><author><name>Ann</name></author>
  <entry><title type="xhtml">${xhtml("About <em>buttons</em>")}</title><id>urn:example:1</id>
  <updated>2026-01-02T03:04:05Z</updated><link href="https://example.org/1"/>
  <content type="xhtml">${xhtml("<p>Never press the <b>red</b> button twice.</p>")}</content></entry></feed>`;
new Parser().parseString(atom).then(({ items: [item] }) => {
  console.log(item.contentSnippet);
  console.log(typeof item.title);
});
JS
node show.cjs | tee seen
diff seen - <<'SEEN'
Never press the  button twice.red
object
SEEN
