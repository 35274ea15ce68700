"""Made-up feeds that look like WordPress wrote them: the same number gives the same bytes, in any process."""

import random
from datetime import UTC, datetime, timedelta
from functools import cache

NEWEST_BEFORE = timedelta(hours=2)
APART = timedelta(hours=7)
ENTRIES = 20
_VOCABULARY, _SENTENCES = 3_500, 12_000
# Weighted like letters of a text, so that gzip leaves as much of it as of an article.
_LETTERS = "eeeeeeeaaaaaoooooiiiiiuuuyttttttnnnnnssssshhhhrrrrdddlllcccmmwwffggppbvkxjqz"
# Fixed, so that a document does not change between two processes of one run; recent enough for "no archive".
_START = datetime(2026, 11, 1, tzinfo=UTC)


def rss(feed: int, newest: int, *, kilobytes: float, entries: int = ENTRIES) -> bytes:
    """A feed of about this size whose newest entry has the number `newest`; the next number drops the oldest."""
    size = kilobytes * 1000 / entries - 1070
    items = "".join(_item(feed, number, size) for number in range(newest, newest - entries, -1))
    site = f"https://blog{feed}.example"
    return f"""<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"
\txmlns:content="http://purl.org/rss/1.0/modules/content/"
\txmlns:wfw="http://wellformedweb.org/CommentAPI/"
\txmlns:dc="http://purl.org/dc/elements/1.1/"
\txmlns:atom="http://www.w3.org/2005/Atom"
\txmlns:sy="http://purl.org/rss/1.0/modules/syndication/"
\txmlns:slash="http://purl.org/rss/1.0/modules/slash/"
\t>

<channel>
\t<title>Blog {feed}</title>
\t<atom:link href="{site}/feed/" rel="self" type="application/rss+xml" />
\t<link>{site}</link>
\t<description>Just another made-up site</description>
\t<lastBuildDate>{_date(newest)}</lastBuildDate>
\t<language>en-US</language>
\t<sy:updatePeriod>hourly</sy:updatePeriod>
\t<sy:updateFrequency>1</sy:updateFrequency>
\t<generator>https://wordpress.org/?v=6.9</generator>
\t<image>
\t\t<url>{site}/wp-content/uploads/icon-32x32.png</url>
\t\t<title>Blog {feed}</title>
\t\t<link>{site}</link>
\t\t<width>32</width>
\t\t<height>32</height>
\t</image>
{items}</channel>
</rss>
""".encode()


def _item(feed: int, number: int, size: float) -> str:
    chance = random.Random(feed * 1_000_003 + number)
    site = f"https://blog{feed}.example"
    title = " ".join(chance.choice(_words()) for _ in range(7)).capitalize()
    link = f"{site}/2026/11/{number}-{title.lower().replace(' ', '-')}/"
    body = _body(chance, site, number, size)
    return f"""\t<item>
\t\t<title>{title} &#8211; part {number}</title>
\t\t<link>{link}</link>
\t\t<comments>{link}#comments</comments>
\t\t<dc:creator><![CDATA[{chance.choice(_words()).capitalize()} Writer]]></dc:creator>
\t\t<pubDate>{_date(number)}</pubDate>
\t\t<category><![CDATA[{chance.choice(_words())}]]></category>
\t\t<category><![CDATA[{chance.choice(_words())}]]></category>
\t\t<guid isPermaLink="false">{site}/?p={number}</guid>
\t\t<description><![CDATA[<p>{chance.choice(_sentences())} [&#8230;]</p>]]></description>
\t\t<content:encoded><![CDATA[{body}]]></content:encoded>
\t\t<wfw:commentRss>{link}feed/</wfw:commentRss>
\t\t<slash:comments>{number % 9}</slash:comments>
\t</item>
"""


def _body(chance: random.Random, site: str, number: int, size: float) -> str:
    image = f"{site}/wp-content/uploads/{number}-1024x683.jpg"
    figure = (
        f'<figure class="wp-block-image size-large"><img fetchpriority="high" decoding="async" width="1024" '
        f'height="683" src="{image}" alt="" class="wp-image-{number}"/></figure>\n'
    )
    parts, length = [figure], len(figure)
    while length < size:
        sentences = chance.choices(_sentences(), k=4)
        kind = chance.randrange(8)
        if kind == 0:
            part = f'<h2 class="wp-block-heading">{sentences[0]}</h2>\n<p>{sentences[1]}</p>\n'
        elif kind == 1:
            points = "".join(f"<li>{text}</li>" for text in sentences)
            part = f'<ul class="wp-block-list">{points}</ul>\n'
        elif kind == 2:
            part = f'<p>{sentences[0]} <a href="/about/{number}" rel="nofollow">{sentences[1]}</a> &#8217;{sentences[2]}</p>\n'
        else:
            part = f"<p><strong>{sentences[0]}</strong> {sentences[1]} <em>{sentences[2]}</em> {sentences[3]}</p>\n"
        parts.append(part)
        length += len(part)
    return "".join(parts)


def _date(number: int) -> str:
    """Entry 0 is of the start, later ones follow at equal distances."""
    return (_START + APART * number).strftime("%a, %d %b %Y %H:%M:%S +0000")


def first_newest(now: datetime) -> int:
    """The number of the entry that is the newest at `now`."""
    return int((now - NEWEST_BEFORE - _START) / APART)


@cache
def _words() -> list[str]:
    chance = random.Random(1)
    return ["".join(chance.choices(_LETTERS, k=chance.randint(1, 9))) for _ in range(_VOCABULARY)]


@cache
def _sentences() -> list[str]:
    chance = random.Random(2)
    words = _words()
    return [" ".join(chance.choices(words, k=chance.randint(6, 16))).capitalize() + "." for _ in range(_SENTENCES)]
