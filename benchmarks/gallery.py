"""Real entries as Discord would show them, beside what their feeds said: a page to look at and judge.

    python benchmarks/gallery.py SHARED_FOLDER OUT.html [--count 100] [--seed N] [--per-page N] [--length N] [--match WORD]

Takes at most two entries of each captured feed, so that many kinds of feeds are seen. With --per-page the cards go to
OUT-01.html, OUT-02.html and so on. Prints how many entries have a picture, an excerpt, and one that was cut.
"""

import argparse
import gzip
import html
import random
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from bot.errors import ParseError
from bot.feeds.images.channel_art import without_decoration
from bot.feeds.parsing import feed_parser
from bot.messages import article_embed
from bot.model import Article, Entry, ParsedFeed, Topic
from tests.excerpts import discord_markdown
from tests.excerpts.discord_markdown import Node

PER_FEED = 2
TOPIC = Topic(id=1, guild_id=1, name="gallery", channel_id=1)
STYLE = """
body{background:#313338;color:#dbdee1;font:14px/1.3 "Noto Sans","DejaVu Sans",Arial,sans-serif;margin:8px;columns:2;column-gap:14px}
.row{display:flex;gap:10px;margin-bottom:12px;align-items:flex-start;break-inside:avoid}
.card{background:#2b2d31;border-left:4px solid #2f7ea8;border-radius:4px;padding:8px 14px 12px 10px;width:432px;flex:none;position:relative}
.author{font-size:12px;font-weight:600;color:#f2f3f5;margin:6px 0}.title{font-size:16px;font-weight:600;color:#00a8fc;margin:4px 0}
.text{white-space:pre-wrap;overflow-wrap:anywhere}.foot{font-size:11px;color:#b5bac1;margin-top:8px}
.image{background:#1e1f22;color:#8a9;font-size:10px;padding:14px 6px;margin-top:8px;overflow-wrap:anywhere}
.thumb{background:#1e1f22;color:#8a9;font-size:8px;width:70px;height:70px;overflow:hidden;position:absolute;right:8px;top:8px;overflow-wrap:anywhere}
a{color:#00a8fc;text-decoration:none}h1,h2,h3{margin:10px 0 4px;line-height:1.2;color:#f2f3f5}h1{font-size:22px}h2{font-size:18px}h3{font-size:16px}
.quote{border-left:4px solid #4e5058;padding-left:10px;display:block}pre{background:#1e1f22;border:1px solid #111;padding:6px;margin:4px 0;white-space:pre-wrap;font-size:12px}
code{background:#1e1f22;padding:0 3px;font-size:12px}.item{display:block;padding-left:16px;text-indent:-12px}.sub{font-size:11px;color:#b5bac1;display:block}
.bad{outline:2px solid #f44}.source{font-size:9px;color:#989;white-space:pre-wrap;width:235px;overflow-wrap:anywhere}
.raw{display:none;font:11px monospace;color:#7a8;white-space:pre-wrap;width:235px;overflow-wrap:anywhere}.n{color:#666;font-size:10px}
"""
BAD = {"mention", "time", "emoji", "autolink", "spoiler", "underline"}
"""What no article may become: the card shows it outlined in red."""


def documents(real: Path) -> Iterator[Path]:
    for path in sorted(real.rglob("*")):
        if path.is_file() and "series" not in path.parts and not path.name.endswith((".tsv", ".json.xz", ".tar.xz")):
            yield path


def read(path: Path, urls: dict[str, str]) -> ParsedFeed | None:
    data = path.read_bytes()
    body = gzip.decompress(data) if path.name.endswith(".raw.gz") else data
    try:
        feed = feed_parser.read(body, urls.get(path.name.split(".")[0], "https://feeds.example.test/feed"), None)
        return without_decoration(feed, body)
    except ParseError:
        return None


def article(feed: ParsedFeed, entry: Entry) -> Article:
    return Article(
        entry_id=1,
        feed_id=1,
        title=entry.title,
        link=entry.link,
        author=entry.author,
        summary_html=entry.summary_html,
        text=entry.text,
        image_url=entry.image_url,
        enclosure=entry.enclosure,
        categories=entry.categories,
        published_at=entry.published_at,
        seen_at=datetime(2026, 11, 24, tzinfo=UTC),
        source_title=feed.title,
        source_url=feed.site_url,
        source_icon_url=feed.icon_url,
        feed_url="https://feeds.example.test/feed",
    )


def chosen(real: Path, count: int, seed: int, word: str) -> Iterator[tuple[Path, ParsedFeed, Entry]]:
    chance = random.Random(seed)
    urls = dict(line.split("\t")[:2] for line in (real / "bulk2025-smallweb/URLS.tsv").read_text("utf-8").splitlines())
    paths = [path for path in documents(real) if word in str(path)]
    chance.shuffle(paths)
    taken = 0
    for path in paths:
        feed = read(path, urls)
        if feed is None or not feed.entries:
            continue
        for entry in chance.sample(feed.entries, min(PER_FEED, len(feed.entries))):
            if taken == count:
                return
            taken += 1
            yield path, feed, entry


def shown(nodes: list[Node]) -> str:
    return "".join(map(_node, nodes))


def _node(node: Node) -> str:
    inner = shown(node.children) if node.children else html.escape(node.text)
    if node.kind in {"link", "url"}:
        return f'<a title="{html.escape(node.detail)}">{inner}</a>'
    if node.kind == "item":
        depth, _, number = node.detail.partition(":")
        return f'<span class="item" style="margin-left:{int(depth) * 8}px">{number or "•"} {inner}</span>'
    wraps = {
        "text": "{}",
        "em": "<em>{}</em>",
        "strong": "<strong>{}</strong>",
        "strike": "<s>{}</s>",
        "code": "<code>{}</code>",
        "fence": "<pre>{}</pre>",
        "quote": '<span class="quote">{}</span>',
        "subtext": '<span class="sub">{}</span>',
        "heading": f"<h{node.detail}>{{}}</h{node.detail}>",
    }
    return wraps.get(node.kind, f'<span class="bad">{node.kind} {{}}</span>').replace("{}", inner)


def card(number: int, path: Path, entry: Entry, embed: dict[str, object]) -> str:
    def part(name: str, key: str) -> str:
        value = embed.get(name)
        return str(value.get(key) or "") if isinstance(value, dict) else ""

    description = str(embed.get("description") or "")
    pieces = [f'<div class="n">{number} {html.escape("/".join(path.parts[-2:]))}</div>']
    if thumb := part("thumbnail", "url"):
        pieces.append(f'<div class="thumb">{html.escape(thumb)}</div>')
    pieces += [
        f'<div class="author">{html.escape(part("author", "name"))}</div>',
        f'<div class="title">{shown(list(discord_markdown.inline(str(embed.get("title") or ""))))}</div>',
        f'<div class="text">{shown(discord_markdown.parse(description))}</div>',
    ]
    if image := part("image", "url"):
        pieces.append(f'<div class="image">{html.escape(image)}</div>')
    pieces.append(
        f'<div class="foot">{html.escape(part("footer", "text"))} {str(embed.get("timestamp") or "")[:16]}</div>'
    )
    source = html.escape(entry.text[:700])
    return (
        f'<div class="row"><div class="card">{"".join(pieces)}</div>'
        f'<div class="source">{source}</div><div class="raw">{html.escape(entry.summary_html[:600])}</div></div>'
    )


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("shared", type=Path)
    options.add_argument("out", type=Path)
    options.add_argument("--count", type=int, default=100)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--per-page", type=int, default=0)
    options.add_argument("--length", type=int, default=350)
    options.add_argument("--match", default="", help="only feeds with this in their path")
    args = options.parse_args()
    seen: Counter[str] = Counter()
    cards: list[str] = []
    for path, feed, entry in chosen(args.shared / "corpus/real", args.count, args.seed, args.match):
        embed = dict(article_embed.embed(article(feed, entry), TOPIC, excerpt_length=args.length).to_dict())
        description = str(embed.get("description") or "")
        nodes = discord_markdown.parse(description)
        seen["entries"] += 1
        seen["with a picture"] += "image" in embed
        seen["with an excerpt"] += bool(description)
        seen["cut"] += "[Continue reading](" in description
        seen["with markup nobody meant"] += bool(discord_markdown.kinds(nodes) & BAD)
        cards.append(card(seen["entries"], path, entry, embed))
    size = args.per_page or len(cards) or 1
    for page, start in enumerate(range(0, len(cards), size), 1):
        name = args.out.with_stem(f"{args.out.stem}-{page:02}") if args.per_page else args.out
        body = "".join(cards[start : start + size])
        name.write_text(f"<!doctype html><meta charset=utf-8><style>{STYLE}</style>{body}", encoding="utf-8")
    for name, count in seen.items():
        print(f"{count:6} {name}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
