#!/usr/bin/env bash
# feed 6.0.0 (npm, writer), Node 20.
#
# One item with a picture and an audio enclosure of type audio/mpeg, written in three formats, is three different things:
# - atom1(): the audio is there, but typed image/mp3; a reader that goes by types shows a sound file as a picture;
# - rss2(): the picture takes the enclosure's place, typed image//x for an address without suffix; the audio is gone;
# - json1(): the picture is there, the audio is not (JSON Feed has `attachments` for it), and the second author is gone.
#
# Seen:
#   atom: 1.mp3 image/mp3, x image//x
#   rss: x image//x
#   json: attachments 0, author Ann
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund feed@6.0.0 >/dev/null
cat > show.mjs <<'JS'
import { Feed } from "feed";

const feed = new Feed({ title: "Talks", id: "https://example.org/", link: "https://example.org/", copyright: "" });
feed.addItem({
  title: "First",
  id: "https://example.org/1",
  link: "https://example.org/1",
  date: new Date("2026-01-02T03:04:05Z"),
  author: [{ name: "Ann" }, { name: "Ben" }],
  image: "https://example.org/x",
  enclosure: { url: "https://example.org/1.mp3", length: 5, type: "audio/mpeg" },
});
const files = (xml, address) =>
  [...xml.matchAll(/<(?:link rel="enclosure"|enclosure)[^>]*>/g)]
    .map(([tag]) => tag.match(address)[1].split("/").pop() + " " + tag.match(/ type="([^"]*)"/)[1])
    .join(", ");
console.log("atom:", files(feed.atom1(), /href="([^"]*)"/));
console.log("rss:", files(feed.rss2(), /url="([^"]*)"/));
const [item] = JSON.parse(feed.json1()).items;
console.log(`json: attachments ${(item.attachments ?? []).length}, author ${item.author.name}`);
JS
node show.mjs | tee seen
diff seen - <<'SEEN'
atom: 1.mp3 image/mp3, x image//x
rss: x image//x
json: attachments 0, author Ann
SEEN
