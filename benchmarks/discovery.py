"""Compare the feeds that Riverpost sees on real web pages with those that a plain HTML parser sees.

    PYTHONPATH=. python benchmarks/discovery.py [SHARED_FOLDER]

Prints the share of pages on which every declared feed is found, the same for anchors that look like feeds, and each
difference with its reason. Exit code 1 if a declared feed is missing for no reason.
"""

import gzip
import json
import sys
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

from bot.feeds.discovery import html_links
from bot.feeds.discovery.candidates import is_no_source, looks_like_a_feed, speaks_of_comments
from bot.url_normalisation import absolute, canonical, host_key

HERE = "https://page.example/folder/page.html"
"""Nobody knows where the pages came from; relative links are resolved against this."""


def body_of(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else gzip.decompress(path.with_name(f"{path.name}.raw.gz").read_bytes())


def why_not_declared(url: str | None, title: str) -> str:
    if url is None:
        return "no address"
    if is_no_source(url) or speaks_of_comments(title):
        return "comments, which nobody follows"
    return ""


def why_not_linked(href: str, url: str | None, declared: set[str]) -> str:
    if href.startswith("#") or url is None:
        return "a place on the page itself"
    if is_no_source(url):
        return "comments, which nobody follows"
    if html_links.READERS.search(urlsplit(url).hostname or ""):
        return "a reader's page for a feed"
    if not looks_like_a_feed(url):
        return "neither its address nor its text is that of a feed"
    if urlsplit(url).path in {urlsplit(f"//{other}").path for other in declared}:
        return "declared already, under the page's own address, which is not known here"
    if declared and host_key(url) != host_key(HERE):
        return "on another site, and the page declares feeds of its own"
    return ""


def main() -> int:
    shared = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[2] / "shared"
    rows = json.loads((shared / "corpus/html/ORACLE.json").read_text("utf-8"))
    seen: Counter[str] = Counter()
    lines: list[str] = []
    unexplained = 0
    seconds = 0.0
    for row in rows:
        body = body_of(shared / "corpus" / row["path"])
        started = time.process_time()
        page = html_links.read(body, HERE)
        seconds += time.process_time() - started
        declared = {canonical(each.url) for each in page.declared}
        either = declared | {canonical(each.url) for each in page.linked}
        base = absolute(HERE, row["base"]) or HERE
        missing = 0
        for feed in row["feeds"]:
            url = absolute(base, feed["href"].strip().partition("#")[0])
            if url is None or canonical(url) not in declared:
                reason = why_not_declared(url, feed["title"])
                missing += not reason
                lines.append(f"{row['path']}: not {feed['href'].strip()}: {reason or 'NO REASON'}")
            seen["declared feeds"] += 1
        wanted = {canonical(absolute(base, feed["href"].strip()) or "") for feed in row["feeds"]}
        lines += [f"{row['path']}: also {url}: declared without a type, looks like a feed" for url in declared - wanted]
        for href in row["a_feedish"]:
            url = absolute(base, href.strip().partition("#")[0])
            seen["anchors"] += 1
            if url is None or href.startswith("#") or canonical(url) not in either:
                lines.append(f"{row['path']}: not {href}: {why_not_linked(href, url, declared) or 'NO REASON'}")
            else:
                seen["anchors taken"] += 1
        unexplained += missing
        if row["feeds"]:
            seen["pages that declare feeds"] += 1
            seen["all found but comments"] += not missing
    print("\n".join(lines))
    with_feeds = seen["pages that declare feeds"]
    print(f"\n{len(rows)} pages, {seconds / len(rows) * 1000:.1f} ms each")
    share = seen["all found but comments"] / with_feeds
    print(
        f"pages on which every declared feed is found: {seen['all found but comments']} of {with_feeds} ({share:.1%})"
    )
    print(f"declared feeds: {seen['declared feeds']}, missing without a reason: {unexplained}")
    print(f"anchors that look like feeds to a plain parser: {seen['anchors']}, taken: {seen['anchors taken']}")
    return 1 if unexplained else 0


if __name__ == "__main__":
    raise SystemExit(main())
