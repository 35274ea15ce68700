#!/usr/bin/env bash
# rss-parser 3.13.0, @extractus/feed-extractor 8.0.3 and feedsmith 3.0.1 (npm, readers), Node 20.
#
# Namespaces in XML are known by their address; the prefix is the author's choice. The same Atom feed with <a:entry>
# instead of <entry>, and Dublin Core as `dublin:` instead of `dc:`, is a feed to feedsmith (and to feedparser), not to
# the other two: one refuses the document as no RSS, one as no feed; and the author and date of an RSS item are lost.
#
# Seen:
#   rss-parser: Feed not recognized as RSS 1 or 2. / creator undefined, date undefined
#   feed-extractor: Unrecognized feed format / published ""
#   feedsmith: 1 entry / creator Ann
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund rss-parser@3.13.0 @extractus/feed-extractor@8.0.3 feedsmith@3.0.1 >/dev/null
cat > show.mjs <<'JS'
import { extractFromXml } from "@extractus/feed-extractor";
import { parseFeed } from "feedsmith";
import Parser from "rss-parser";

const atom = `<?xml version="1.0"?><a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:title>Notes</a:title>
  <a:id>urn:example:notes</a:id><a:updated>2026-01-02T03:04:05Z</a:updated><a:author><a:name>Ann</a:name></a:author>
  <a:entry><a:title>First</a:title><a:id>urn:example:1</a:id><a:updated>2026-01-02T03:04:05Z</a:updated>
  <a:link href="https://example.org/1"/></a:entry></a:feed>`;
const rss = `<?xml version="1.0"?><rss version="2.0" xmlns:dublin="http://purl.org/dc/elements/1.1/"><channel>
  <title>Notes</title><link>https://example.org/</link><description>Notes</description><item><title>First</title>
  <link>https://example.org/1</link><dublin:creator>Ann</dublin:creator><dublin:date>2026-01-02T03:04:05Z</dublin:date>
  </item></channel></rss>`;
const said = async (work) => {
  try {
    return await work();
  } catch (error) {
    return error.message;
  }
};
const [item] = (await new Parser().parseString(rss)).items;
console.log(
  `rss-parser: ${await said(async () => (await new Parser().parseString(atom)).items.length)}`,
  `/ creator ${item.creator}, date ${item.isoDate}`,
);
console.log(
  `feed-extractor: ${await said(() => extractFromXml(atom).entries.length)}`,
  `/ published ${JSON.stringify(extractFromXml(rss).entries[0].published)}`,
);
console.log(
  `feedsmith: ${parseFeed(atom).feed.entries.length} entry`,
  `/ creator ${parseFeed(rss).feed.items[0].dc.creators[0]}`,
);
JS
node show.mjs | tee seen
diff seen - <<'SEEN'
rss-parser: Feed not recognized as RSS 1 or 2. / creator undefined, date undefined
feed-extractor: Unrecognized feed format / published ""
feedsmith: 1 entry / creator Ann
SEEN
