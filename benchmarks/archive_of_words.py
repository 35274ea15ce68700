"""An archive of a million articles for `search.py`: words by Zipf's law, feeds of very different pace, several guilds."""

import contextlib
import importlib
import itertools
import json
import random
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

FIRST = [
    "the",
    "of",
    "and",
    "to",
    "in",
    "a",
    "for",
    "is",
    "on",
    "that",
    "with",
    "as",
    "it",
    "by",
    "from",
    "at",
    "be",
    "this",
    "an",
    "are",
    "was",
    "or",
    "have",
    "not",
    "new",
    "can",
    "more",
    "will",
    "has",
    "you",
    "we",
    "but",
    "its",
    "their",
    "all",
    "they",
    "about",
    "which",
    "one",
    "how",
    "your",
    "what",
    "when",
    "also",
    "than",
    "been",
    "other",
    "into",
    "out",
    "who",
    "if",
    "up",
    "our",
    "there",
    "so",
]
SUBJECTS = [
    "network",
    "data",
    "security",
    "cloud",
    "people",
    "release",
    "update",
    "server",
    "internet",
    "software",
    "open",
    "source",
    "code",
    "access",
    "route",
    "traffic",
    "policy",
    "research",
    "policy",
    "linux",
    "kernel",
    "cable",
    "routing",
    "tunnel",
    "packet",
    "latency",
    "browser",
    "privacy",
    "podcast",
    "submarine",
    "outage",
]
WORDS = 150_000
SYLLABLES = [
    a + b
    for a in ["b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "z", "br", "st", "tr", "pl"]
    for b in ["a", "e", "i", "o", "u", "an", "er", "on"]
]
FEEDS = 1_000
ARTICLES = 1_000_000
YEARS = 3
NOW = 1_767_225_600_000
DAY = 86_400_000
GUILDS = {1: 200, 2: 10, 3: FEEDS, 4: 1, 5: 40}
"""How many feeds each follows; the first has two topics of them, of 160 and of 40."""


def vocabulary(chance: random.Random) -> list[str]:
    """From the most to the least frequent."""
    made = list(dict.fromkeys([*FIRST, *SUBJECTS]))
    seen = set(made)
    while len(made) < WORDS:
        word = "".join(chance.choices(SYLLABLES, k=chance.choice((2, 2, 3, 3, 4))))
        if word not in seen:
            seen.add(word)
            made.append(word)
    return made


def rows(chance: random.Random, articles: int, words: list[str]) -> Iterator[tuple[object, ...]]:
    """Four of five in the order in which they came, the others as archives that were read feed by feed."""
    weights = list(itertools.accumulate(1 / (rank + 2.7) ** 1.05 for rank in range(len(words))))
    paces = list(itertools.accumulate(1 / (rank + 3) ** 0.7 for rank in range(FEEDS)))
    span = YEARS * 365 * DAY
    dated = sorted(
        (
            (feed, sort_at, feed if chance.random() < 0.2 else None)
            for feed, sort_at in zip(
                chance.choices(range(1, FEEDS + 1), cum_weights=paces, k=articles),
                (NOW - int(chance.random() * span) for _ in range(articles)),
                strict=True,
            )
        ),
        # An archive is read when its feed is first followed: somewhere in the first year.
        key=lambda each: each[1] if each[2] is None else NOW - span + each[2] * 365 * DAY // FEEDS,
    )
    for number, (feed, sort_at, _) in enumerate(dated, 1):
        length = min(600, max(15, int(chance.lognormvariate(4.3, 0.7))))
        told = chance.choices(words, cum_weights=weights, k=length + 8)
        title, text = " ".join(told[:8]).capitalize(), " ".join(told[8:])
        link = f"https://feed{feed}.example/{number}"
        yield (number, feed, f"g:{number}", f"g{number}", link, f"c{number}", link, title, f"<p>{text}</p>", text,
               0, sort_at, sort_at + 60_000, sort_at)  # fmt: skip


INSERT = """
    INSERT INTO entries (id, feed_id, uid, guid_key, link_key, content_key, link, title, summary_html, text, position,
                         published_at, seen_at, sort_at, categories) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,'[]')
"""


def connect(path: Path) -> sqlite3.Connection:
    """The file with the functions that its triggers call, in builds that have such."""
    connection = sqlite3.connect(path, isolation_level=None)
    with contextlib.suppress(ImportError):
        for name, arguments, function in importlib.import_module("bot.words.index_words").FUNCTIONS:
            connection.create_function(name, arguments, function, deterministic=True)
    return connection


def build(path: Path, articles: int) -> float:
    """Fill a database that has its schema. Seconds for the articles."""
    chance = random.Random(7)
    words = vocabulary(chance)
    connection = connect(path)
    for pragma in ("journal_mode=WAL", "synchronous=OFF", "cache_size=-400000", "temp_store=MEMORY"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("BEGIN")
    connection.executemany(
        "INSERT INTO feeds (id, url, host, title, next_poll_at) VALUES (?, ?, ?, ?, 0)",
        [(n, f"https://feed{n}.example/rss", f"feed{n}.example", f"Feed {n}") for n in range(1, FEEDS + 1)],
    )
    for guild, count in GUILDS.items():
        followed = chance.sample(range(1, FEEDS + 1), count)
        for place, part in enumerate((followed[: count * 4 // 5 or 1], followed[count * 4 // 5 or 1 :])):
            topic = guild * 2 + place
            connection.execute(
                "INSERT INTO topics (id, guild_id, name, name_key, channel_id, options, created_at) VALUES (?,?,?,?,?,?,0)",
                (topic, guild, f"T{topic}", f"t{topic}", topic, json.dumps({})),
            )
            connection.executemany(
                "INSERT INTO subscriptions (topic_id, feed_id, added_at) VALUES (?, ?, 0)",
                [(topic, feed) for feed in part],
            )
    connection.execute("COMMIT")
    began = time.perf_counter()
    source = rows(chance, articles, words)
    while chunk := list(itertools.islice(source, 5_000)):
        connection.execute("BEGIN")
        connection.executemany(INSERT, chunk)
        connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return time.perf_counter() - began
