"""What of an address anybody may read, and what not."""

import base64
import random as chance
import string
import uuid
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.addresses import MASK, Scrubber, has_secret, redacted, secrets_in, shown, site_of, unescaped
from bot.addresses.secret_names import is_harmless

HEX, UUID = "9f86d081884c7d659a2feaa0c55ad015", "3f2b8c1e-7a64-4d19-9c55-0e8f1a2b3c4d"
BASE64, JWT = "Zm9vYmFyYmF6cXV4Q29ycmVjdA", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P"

MASKED = [
    # User and password.
    ("https://ci:hunter2@ci.example.org/rss.xml", "https://ci.example.org/rss.xml", ["hunter2"]),
    ("https://ci:hunter2@ci.example.org:8443/rss.xml", "https://ci.example.org:8443/rss.xml", ["hunter2"]),
    (f"https://{HEX}@ci.example.org/rss.xml", "https://ci.example.org/rss.xml", [HEX]),
    ("https://glpat-abcDEF123:x-oauth-basic@git.example/a.atom", "https://git.example/a.atom", ["glpat-abcDEF123"]),
    ("https://me:p@ss:w@rd@blog.example/feed", "https://blog.example/feed", ["p@ss"]),
    ("https://me:pa/ss?w#rd@blog.example/feed", "https://blog.example/feed", ["pa/ss"]),
    ("https://me:p%40ss@blog.example/feed", "https://blog.example/feed", ["p%40ss", "p@ss"]),
    ("https://me%3Ahunter2%40blog.example/feed", "https://blog.example/feed", ["hunter2"]),
    ("https://me%253Ahunter2%2540blog.example/feed", "https://blog.example/feed", ["hunter2"]),
    ("HTTPS://me:hunter2@Blog.Example/feed", "HTTPS://Blog.Example/feed", ["hunter2"]),
    ("me:hunter2@blog.example/feed", "blog.example/feed", ["hunter2"]),
    ("//me:hunter2@blog.example/feed", "//blog.example/feed", ["hunter2"]),
    ("https:me:hunter2@blog.example/feed", "blog.example/feed", ["hunter2"]),
    ("https:/me:hunter2@blog.example/feed", "https://blog.example/feed", ["hunter2"]),
    ("https:\\\\me:hunter2@blog.example\\feed", "https://blog.example/feed", ["hunter2"]),
    ("feed:https://me:hunter2@blog.example/feed", "feed:https://blog.example/feed", ["hunter2"]),
    ("feed://me:hunter2@blog.example/feed", "feed://blog.example/feed", ["hunter2"]),
    ("ftp://me:hunter2@files.example/feed.xml", "ftp://files.example/feed.xml", ["hunter2"]),
    ("https://me:hunter2＠blog.example/feed", "https://blog.example/feed", ["hunter2"]),  # noqa: RUF001
    ("https://me:hunter2@bücher.example/feed", "https://bücher.example/feed", ["hunter2"]),
    ("https://me:hunter2@[2001:db8::1]:8080/feed", "https://[2001:db8::1]:8080/feed", ["hunter2"]),
    ("https://me:hunter2@[nonsense/feed", f"https://{MASK}/feed", ["hunter2"]),
    ("https://me:hun\nter2@blog.example/feed", "https://blog.example/feed", ["hunter2"]),
    # Parameters with telling names.
    ("https://t.example/a.atom?user=ada&token=glft-SECRET123", f"https://t.example/a.atom?user=ada&token={MASK}", ["SECRET"]),
    ("https://t.example/a.atom?token=abc", f"https://t.example/a.atom?token={MASK}", ["=abc"]),
    ("https://t.example/a.atom?TOKEN=SECRET", f"https://t.example/a.atom?TOKEN={MASK}", ["SECRET"]),
    ("https://git.example/x.atom?private_token=SECRET", f"https://git.example/x.atom?private_token={MASK}", ["SECRET"]),
    ("https://git.example/x.atom?feed_token=SECRET", f"https://git.example/x.atom?feed_token={MASK}", ["SECRET"]),
    ("https://git.example/x?access_token=SECRET&x=1", f"https://git.example/x?access_token={MASK}&x=1", ["SECRET"]),
    ("https://a.example/x?api_key=K1", f"https://a.example/x?api_key={MASK}", ["K1"]),
    ("https://a.example/x?apiKey=K1", f"https://a.example/x?apiKey={MASK}", ["K1"]),
    ("https://a.example/x?X-Api-Key=K1", f"https://a.example/x?X-Api-Key={MASK}", ["K1"]),
    ("https://a.example/x?key=SECRET", f"https://a.example/x?key={MASK}", ["SECRET"]),
    ("https://a.example/x?rsskey=SECRET", f"https://a.example/x?rsskey={MASK}", ["SECRET"]),
    ("https://a.example/x?auth=SECRET", f"https://a.example/x?auth={MASK}", ["SECRET"]),
    ("https://www.patreon.com/rss/someone?auth=SECRET&show=1", f"https://www.patreon.com/rss/someone?auth={MASK}&show=1", ["SECRET"]),
    ("https://a.example/x?password=SECRET", f"https://a.example/x?password={MASK}", ["SECRET"]),
    ("https://a.example/x?pass=SECRET", f"https://a.example/x?pass={MASK}", ["SECRET"]),
    ("https://a.example/x?pwd=SECRET", f"https://a.example/x?pwd={MASK}", ["SECRET"]),
    ("https://a.example/x?secret=SECRET", f"https://a.example/x?secret={MASK}", ["=SECRET"]),
    ("https://a.example/x?client_secret=SECRET", f"https://a.example/x?client_secret={MASK}", ["=SECRET"]),
    ("https://a.example/x?sig=SECRET", f"https://a.example/x?sig={MASK}", ["SECRET"]),
    ("https://a.example/x?signature=SECRET", f"https://a.example/x?signature={MASK}", ["SECRET"]),
    ("https://s3.example/x?X-Amz-Signature=SECRET&X-Amz-Expires=60", f"https://s3.example/x?X-Amz-Signature={MASK}&X-Amz-Expires=60", ["SECRET"]),
    ("https://a.example/x?hash=SECRET", f"https://a.example/x?hash={MASK}", ["SECRET"]),
    ("https://a.example/x?code=SECRET", f"https://a.example/x?code={MASK}", ["SECRET"]),
    ("https://a.example/x?session=SECRET", f"https://a.example/x?session={MASK}", ["SECRET"]),
    ("https://a.example/x?PHPSESSID=abc", f"https://a.example/x?PHPSESSID={MASK}", ["abc"]),
    (f"https://a.example/x?jwt={JWT}", f"https://a.example/x?jwt={MASK}", [JWT]),
    ("https://a.example/x?email=ada%40example.org", f"https://a.example/x?email={MASK}", ["ada%40", "ada@"]),
    ("https://a.example/x?filter[token]=SECRET", f"https://a.example/x?filter[token]={MASK}", ["SECRET"]),
    ("https://a.example/x?%74oken=SECRET", f"https://a.example/x?%74oken={MASK}", ["SECRET"]),
    ("https://a.example/x?a=1;token=SECRET", f"https://a.example/x?a=1;token={MASK}", ["SECRET"]),
    ("https://a.example/x?a=1?token=SECRET", f"https://a.example/x?a=1?token={MASK}", ["SECRET"]),
    ("https://a.example/x?a=1&amp;token=SECRET", f"https://a.example/x?a=1&amp;token={MASK}", ["SECRET"]),
    ("https://a.example/x?a=token%3DSECRET", f"https://a.example/x?a=token={MASK}", ["SECRET"]),
    ("/rss.xml?token=SECRET", f"/rss.xml?token={MASK}", ["SECRET"]),
    # Values that look like secrets whatever they are called.
    (f"https://a.example/x?u={HEX}", f"https://a.example/x?u={MASK}", [HEX]),
    (f"https://a.example/x?x={UUID}&lang=en", f"https://a.example/x?x={MASK}&lang=en", [UUID]),
    (f"https://a.example/x?q={BASE64}", f"https://a.example/x?q={MASK}", [BASE64]),
    (f"https://a.example/x?{HEX}", f"https://a.example/x?{MASK}", [HEX]),
    (f"https://a.example/x?{HEX}=1", f"https://a.example/x?{MASK}", [HEX]),
    # Parts of the path.
    (f"https://pod.example/private/{HEX}/feed", f"https://pod.example/private/{MASK}/feed", [HEX]),
    ("https://pod.example/private/abc123/feed.rss", f"https://pod.example/private/{MASK}/feed.rss", ["abc123"]),
    (f"https://pod.example/rss/{UUID}.xml", f"https://pod.example/rss/{MASK}.xml", [UUID]),
    (f"https://pod.example/members/{BASE64}", f"https://pod.example/members/{MASK}", [BASE64]),
    ("https://pod.example/token/SECRET/feed", f"https://pod.example/token/{MASK}/feed", ["SECRET"]),
    ("https://pod.example/feed/key/SECRET", f"https://pod.example/feed/key/{MASK}", ["SECRET"]),
    (f"https://pod.example/{JWT}/feed", f"https://pod.example/{MASK}/feed", [JWT]),
    ("https://pod.example/feed/AbC12dEf34GhI56jKl/rss", f"https://pod.example/feed/{MASK}/rss", ["AbC12dEf34GhI56jKl"]),
    ("https://pod.example/feed;token=SECRET", f"https://pod.example/feed;token={MASK}", ["SECRET"]),
    ("https://pod.example/feed;jsessionid=SECRET?a=1", f"https://pod.example/feed;jsessionid={MASK}?a=1", ["SECRET"]),
    ("https://pod.example/token=SECRET/feed", f"https://pod.example/token={MASK}/feed", ["SECRET"]),
    ("https://pod.example/feed%3Ftoken%3DSECRET", f"https://pod.example/{MASK}", ["SECRET"]),
    ("https://pod.example/feed%253Ftoken%253DSECRET", f"https://pod.example/{MASK}", ["SECRET"]),
    # Fragments.
    ("https://a.example/x#access_token=SECRET", f"https://a.example/x#{MASK}", ["SECRET"]),
    (f"https://a.example/x#{HEX}", f"https://a.example/x#{MASK}", [HEX]),
    # Addresses within addresses.
    ("https://p.example/?url=https://u:hunter2@b.example/x?token=SECRET", None, ["hunter2", "SECRET"]),
    ("https://p.example/?url=https%3A%2F%2Fu%3Ahunter2%40b.example%2Fx", f"https://p.example/?url=https://b.example/{MASK}", ["hunter2"]),
    ("https://p.example/?url=https%253A%252F%252Fu%253Ahunter2%2540b.example%252Fx", f"https://p.example/?url=https://b.example/{MASK}", ["hunter2"]),
    ("https://p.example/https://u:hunter2@b.example/x?token=SECRET", f"https://p.example/https://b.example/x?token={MASK}", ["hunter2", "SECRET"]),
    ("https://p.example/https%3A%2F%2Fu%3Ahunter2%40b.example%2Fx", "https://p.example/https://b.example/x", ["hunter2"]),
    # What is no address over http(s).
    ("data:text/xml;base64,SECRETSECRET", f"data:{MASK}", ["SECRET"]),
    ("urn:secret:SECRET", f"urn:{MASK}", ["SECRET"]),
    ("exec:curl -u me:hunter2 https://x.example", None, ["hunter2"]),
]  # fmt: skip

READABLE = [
    "https://blog.example/feed/",
    "https://blog.example/?feed=rss2",
    "https://blog.example/index.php?format=atom",
    "https://blog.example/feed?cat=12&lang=en",
    "https://blog.example:8443/feed.xml",
    "http://localhost:8000/feed",
    "localhost:8000/feed",
    "https://www.youtube.com/feeds/videos.xml?channel_id=UCBR8-60-B28hp2BmDPdntcQ",
    "https://www.youtube.com/feeds/videos.xml?playlist_id=PLrAXtmErZgOeiKm4sgNOknGvNjby9efdf",
    "https://www.youtube.com/channel/UCBR8-60-B28hp2BmDPdntcQ",
    "https://rsshub.example/youtube/channel/UCBR8-60-B28hp2BmDPdntcQ",
    "https://mastodon.social/@Gargron.rss",
    "https://mastodon.social/@ada@other.example",
    "https://medium.com/feed/@ada-lovelace",
    "https://blog.example/2024/03/15/a-long-title-of-an-article-about-nothing",
    "https://blog.example/2024/03/15/10-things-you-didnt-know-about-python3",
    "https://www.heise.de/news/Sicherheitsluecke-in-Microsoft-Exchange-Server-9876543.html",
    "https://donau.example/Donaudampfschifffahrtsgesellschaftskapitaen/feed",
    "https://www.reddit.com/r/programming/.rss?sort=new&limit=25",
    "https://github.com/python/cpython/releases.atom",
    "https://github.com/JuliaLang/PackageCompiler.jl/commits/v2.1.16.atom",
    "https://bsky.app/profile/did:plc:z72i7hdynmk6r22z27h6tvur/rss",
    "https://hnrss.org/newest?points=100",
    "https://podcasts.example/show/id1234567890",
    "https://news.google.com/rss/topics/CAAqJggKIiBDQkFTRWdvSUwyMHZNRGx1YlY4U0FtVnVHZ0pWVXlnQVAB?hl=en-US&gl=US",
    "https://www.omnycontent.com/d/playlist/e73c998e-6e60-432f-8610-ae210140c5b1/a91018a4-ea4f/podcast.rss",
    "https://feeds.acast.com/public/shows/5f8c7d6e5a4b3c2d1e0f9a8b",
    "https://www.theguardian.com/world/rss",
    "https://wiki.example/index.php?title=Special:RecentChanges&feed=atom",
    "https://wiki.example/Lichtgeschwindigkeit#Messung",
    "https://zeitung.example/rss?id=1234567890123456789",
    "https://bücher.example/straße/übersicht.xml",
    "https://xn--bcher-kva.example/feed",
    "https://ja.example/%E6%97%A5%E6%9C%AC%E8%AA%9E/feed",
    "https://blog.example/private/feed.xml",
    "https://blog.example/members/rss",
    "https://blog.example/iOS17-and-macOS14-released",
    "https://blog.example/category/OpenStreetMap/feed",
    "https://blog.example/feed?author=ada&keyword=monkey",
    "http://feeds.feedburner.com/PurpleLiquidAWineAndFoodDiary",
    "http://feeds.feedburner.com/BothSidesOfTheTable",
    "http://feeds.feedburner.com/modernb2bmarketing",
    "http://feeds.feedburner.com/LinuxgamecastWeeklyMp3",
    "http://syndication.thedailywtf.com/TheDailyWtf",
    "https://plink.example/weixin/DingXiangMaMi",
    "https://bdnews24.com/?widgetName=rssfeed&widgetId=1150&getXmlFeed=true",
    "http://trac.example/timeline?daysback=90&ticket=on&changeset=on&format=rss",
    "http://people.example/profiles/blog/feed?xn_auth=no",
    "https://podcasts.files.bbci.co.uk/p02pcb4w.rss",
    "https://proxy.example/?url=https%3A%2F%2Fblog.example%2Ffeed",
    "https://proxy.example/https://blog.example/feed",
    "",
]


@pytest.mark.parametrize(("url", "expected", "secret"), MASKED, ids=[case[0][:60].strip() for case in MASKED])
def test_secrets_of_an_address_are_not_shown(url: str, expected: str | None, secret: list[str]) -> None:
    if expected is not None:
        assert shown(url) == expected
    assert not [each for each in secret if each in unescaped(shown(url))]
    assert has_secret(url)


@pytest.mark.parametrize("url", READABLE)
def test_an_address_without_secrets_is_shown_as_it_is(url: str) -> None:
    assert shown(url) == url
    assert not has_secret(url)


@pytest.mark.parametrize(("url", "name"), [
    ("https://ci:hunter2@www.ci.example.org/rss.xml?token=SECRET", "ci.example.org"),
    ("http://localhost:8000/feed", "localhost:8000"), ("ci.example/feed", "ci.example"), ("", MASK),
])  # fmt: skip
def test_a_site_is_named_by_its_host(url: str, name: str) -> None:
    assert site_of(url) == name


def drawn(draw: chance.Random) -> Iterator[str]:
    """Secrets as machines make them: hex, UUIDs, base64 for addresses, letters and digits."""
    for _ in range(60):
        yield draw.randbytes(16).hex()
        yield str(uuid.UUID(bytes=draw.randbytes(16), version=4))
        yield base64.urlsafe_b64encode(draw.randbytes(18)).decode()
        yield "".join(draw.choices(string.ascii_letters + string.digits, k=20))


SECRETS = st.sampled_from([each for each in drawn(chance.Random(7)) if has_secret(f"https://h.example/{each}")])
ENCODINGS = (str, lambda text: quote(text, safe=""), lambda text: quote(quote(text, safe=""), safe=""), quote_plus,
             lambda text: "".join(f"%{byte:02x}" for byte in text.encode()))  # fmt: skip
PLACES = (
    "https://{0}@h.example/feed", "https://me:{0}@h.example/feed", "https://me:{0}@h.example:8080?x=1",
    "https://h.example/feed?token={0}", "https://h.example/feed?lang=en&auth={0}&x=1", "https://h.example/feed?x={0}",
    "https://h.example/feed?{0}", "https://h.example/private/{0}/feed.xml", "https://h.example/rss/{0}", "https://h.example/{0}.xml",
    "https://h.example/feed;k={0}", "https://h.example/feed#key={0}",
    "https://p.example/?url=https://me:{0}@h.example/", "https://p.example/?url=https%3A%2F%2Fh.example%2F%3Ftoken%3D{0}",
    "https://p.example/https://me:{0}@h.example/feed", "//me:{0}@h.example", "me:{0}@h.example/feed", "feed:https://me:{0}@h.example",
)  # fmt: skip


@given(secret=SECRETS, encoding=st.sampled_from(ENCODINGS), place=st.sampled_from(PLACES))
def test_no_drawn_secret_survives_anywhere_in_any_escape(secret: str, encoding: object, place: str) -> None:
    url = place.format(encoding(secret))  # type: ignore[operator]
    assert secret not in unescaped(shown(url))
    assert secret not in unescaped(redacted(f"GET {url} failed"))
    assert secret in "".join(secrets_in(url))


@given(
    password=st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=3, max_size=12),
    encoding=st.sampled_from(ENCODINGS[1:3]),
)
def test_no_password_survives_however_it_is_written(password: str, encoding: object) -> None:
    assume(not is_harmless(password))
    url = f"https://qq:{encoding(password)}@h.example/rss.xml?token={encoding(password)}"  # type: ignore[operator]
    assert shown(url).startswith("https://h.example/rss.xml?token")
    assert shown(url).partition("=")[2] in {MASK, ""} or not password.strip()


@given(st.text(max_size=80))
def test_whatever_is_no_address_is_masked_without_an_error(text: str) -> None:
    shown(text)
    redacted(text)
    Scrubber(text).text(text)


def test_chance_is_told_from_words_in_nearly_every_draw() -> None:
    all_drawn = [each for seed in range(20) for each in drawn(chance.Random(seed))]
    missed = [each for each in all_drawn if not has_secret(f"https://h.example/feed/{each}")]
    assert len(missed) <= len(all_drawn) / 300, missed
