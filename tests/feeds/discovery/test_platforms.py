"""Where known platforms have their feeds, one named case each; no host is asked."""

import json
import time
from dataclasses import replace
from functools import cache

import pytest

from bot.feeds.discovery import html_links, platforms
from bot.feeds.discovery.candidates import looks_like_a_feed

CHANNEL = "UC_x5XG1OV2P6uZZ5FSM9Ttw"
OTHER = "UCabcdefghijklmnopqrstuv"
VIDEOS = f"https://www.youtube.com/feeds/videos.xml?channel_id={CHANNEL}"


def feeds_of(url: str) -> list[str]:
    return [candidate.url for candidate in platforms.of_address(url)]


def feeds_on(url: str, html: str) -> list[str]:
    return [candidate.url for candidate in platforms.of_page(html_links.read(html.encode(), url))]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (f"https://www.youtube.com/channel/{CHANNEL}", [VIDEOS]),
        (f"https://m.youtube.com/channel/{CHANNEL}/videos?view=0", [VIDEOS]),
        (
            "https://www.youtube.com/playlist?list=PLabc-123&si=x",
            ["https://www.youtube.com/feeds/videos.xml?playlist_id=PLabc-123"],
        ),
        ("https://youtube.com/user/Example/videos", ["https://www.youtube.com/feeds/videos.xml?user=Example"]),
        (
            "https://github.com/octo/spoon-knife",
            [
                "https://github.com/octo/spoon-knife/releases.atom",
                "https://github.com/octo/spoon-knife/tags.atom",
                "https://github.com/octo/spoon-knife/commits.atom",
            ],
        ),
        (
            "https://github.com/octo/spoon-knife.git",
            [
                "https://github.com/octo/spoon-knife/releases.atom",
                "https://github.com/octo/spoon-knife/tags.atom",
                "https://github.com/octo/spoon-knife/commits.atom",
            ],
        ),
        (
            "https://github.com/octo/knife/commits/main/",
            ["https://github.com/octo/knife/commits/main.atom", "https://github.com/octo/knife/releases.atom"],
        ),
        (
            "https://github.com/octo/knife/tree/main/docs/en?x=1",
            ["https://github.com/octo/knife/commits/main/docs/en.atom", "https://github.com/octo/knife/releases.atom"],
        ),
        ("https://github.com/octo", ["https://github.com/octo.atom"]),
        ("https://github.com/orgs/octo", ["https://github.com/octo.atom"]),
        ("https://github.com/features", []),
        ("https://github.com/sponsors/octo", []),
        (
            "https://gitlab.com/group/sub/project/-/issues",
            [
                "https://gitlab.com/group/sub/project/-/releases.atom",
                "https://gitlab.com/group/sub/project/-/tags?format=atom",
                "https://gitlab.com/group/sub/project.atom",
            ],
        ),
        (
            "https://gitlab.com/group/project/-/commits/main",
            [
                "https://gitlab.com/group/project/-/commits/main?format=atom",
                "https://gitlab.com/group/project/-/releases.atom",
            ],
        ),
        ("https://gitlab.com/somebody", ["https://gitlab.com/somebody.atom"]),
        (
            "https://codeberg.org/owner/repo",
            [
                "https://codeberg.org/owner/repo/releases.rss",
                "https://codeberg.org/owner/repo/tags.rss",
                "https://codeberg.org/owner/repo.rss",
            ],
        ),
        (
            "https://codeberg.org/owner/repo/src/branch/main",
            ["https://codeberg.org/owner/repo/rss/branch/main", "https://codeberg.org/owner/repo/releases.rss"],
        ),
        ("https://codeberg.org/owner", ["https://codeberg.org/owner.rss"]),
        (
            "https://git.sr.ht/~someone/tool/tree",
            ["https://git.sr.ht/~someone/tool/refs/rss.xml", "https://git.sr.ht/~someone/tool/log/rss.xml"],
        ),
        ("https://pypi.org/project/riverpost/#history", ["https://pypi.org/rss/project/riverpost/releases.xml"]),
        ("https://www.reddit.com/r/networking", ["https://www.reddit.com/r/networking/.rss"]),
        ("https://old.reddit.com/r/networking/about", ["https://www.reddit.com/r/networking/.rss"]),
        ("https://reddit.com/r/networking/top/?t=week", ["https://www.reddit.com/r/networking/top/.rss?t=week"]),
        ("https://www.reddit.com/u/somebody/", ["https://www.reddit.com/user/somebody/.rss"]),
        ("https://www.reddit.com/user/a/m/b", ["https://www.reddit.com/user/a/m/b/.rss"]),
        ("https://www.reddit.com/search/?q=bgp%20leak", ["https://www.reddit.com/search.rss?q=bgp%20leak"]),
        ("https://www.reddit.com/r/x/search?q=bgp", ["https://www.reddit.com/r/x/search.rss?q=bgp"]),
        (
            "https://www.reddit.com/r/x/comments/1abc/a_title/?sort=new",
            ["https://www.reddit.com/r/x/comments/1abc/.rss", "https://www.reddit.com/r/x/.rss"],
        ),
        ("https://bsky.app/profile/news.example.com", ["https://bsky.app/profile/news.example.com/rss"]),
        ("https://news.ycombinator.com/", ["https://news.ycombinator.com/rss"]),
        ("https://news.ycombinator.com/newest", ["https://hnrss.org/newest"]),
        ("https://news.ycombinator.com/user?id=pg", ["https://hnrss.org/submitted?id=pg"]),
        (
            "https://stackoverflow.com/questions/tagged/c%23",
            ["https://stackoverflow.com/feeds/tag?tagnames=c%23&sort=newest"],
        ),
        (
            "https://networkengineering.stackexchange.com/questions/tagged/bgp+ospf?tab=Newest",
            ["https://networkengineering.stackexchange.com/feeds/tag?tagnames=bgp+and+ospf&sort=newest"],
        ),
        ("https://serverfault.com/questions/1234/why", ["https://serverfault.com/feeds/question/1234"]),
        ("https://unix.stackexchange.com", ["https://unix.stackexchange.com/feeds"]),
        ("https://medium.com/@writer/a-story-0123456789ab", ["https://medium.com/feed/@writer"]),
        ("https://medium.com/some-publication", ["https://medium.com/feed/some-publication"]),
        ("https://medium.com/tag/networking/latest", ["https://medium.com/feed/tag/networking"]),
        (
            "https://medium.com/pub/tagged/kubernetes",
            ["https://medium.com/feed/pub/tagged/kubernetes", "https://medium.com/feed/pub"],
        ),
        ("https://writer.medium.com/about", ["https://writer.medium.com/feed"]),
        ("https://letters.substack.com/p/an-issue", ["https://letters.substack.com/feed"]),
        ("https://open.substack.com/pub/letters/p/an-issue", ["https://letters.substack.com/feed"]),
        ("https://somebody.wordpress.com/2024/01/02/post/", ["https://somebody.wordpress.com/feed/"]),
        (
            "https://somebody.wordpress.com/category/cloud/",
            ["https://somebody.wordpress.com/category/cloud/feed/", "https://somebody.wordpress.com/feed/"],
        ),
        ("https://somebody.blogspot.com/2024/01/post.html", ["https://somebody.blogspot.com/feeds/posts/default"]),
        (
            "https://somebody.blogspot.co.uk/search/label/Cloud",
            [
                "https://somebody.blogspot.co.uk/feeds/posts/default/-/Cloud",
                "https://somebody.blogspot.co.uk/feeds/posts/default",
            ],
        ),
        ("https://somebody.tumblr.com/post/1/x", ["https://somebody.tumblr.com/rss"]),
        ("https://www.tumblr.com/somebody/123", ["https://somebody.tumblr.com/rss"]),
        ("https://www.tumblr.com/explore/trending", []),
        (
            "https://somebody.tumblr.com/tagged/cats",
            ["https://somebody.tumblr.com/tagged/cats/rss", "https://somebody.tumblr.com/rss"],
        ),
        ("https://dev.to/somebody/a-post-1", ["https://dev.to/feed/somebody"]),
        ("https://dev.to/t/python", ["https://dev.to/feed/tag/python"]),
        ("https://arxiv.org/list/cs.NI/recent", ["https://rss.arxiv.org/rss/cs.NI"]),
        ("https://arxiv.org/archive/hep-th", ["https://rss.arxiv.org/rss/hep-th"]),
        ("https://arxiv.org/abs/2401.00001", []),
        ("https://news.google.com/search?q=bgp&hl=en", ["https://news.google.com/rss/search?q=bgp&hl=en"]),
        ("https://store.steampowered.com/app/620/Portal_2/", ["https://store.steampowered.com/feeds/news/app/620/"]),
        ("https://vimeo.com/staff", ["https://vimeo.com/staff/videos/rss"]),
        ("https://vimeo.com/123456", []),
        ("https://blog.example.com/", []),
        ("https://notgithub.com/octo/knife", []),
    ],
)
def test_an_address_alone_tells_the_feeds(address: str, expected: list[str]) -> None:
    found = feeds_of(address)
    assert found == expected
    for url in found:
        assert feeds_of(url) == [] or looks_like_a_feed(url), "a feed's own address must not be rewritten"


@pytest.mark.parametrize(
    "html",
    [
        f'<link rel="alternate" type="application/rss+xml" href="{VIDEOS}">',
        f'<link rel="canonical" href="https://www.youtube.com/channel/{CHANNEL}">',
        f'<meta itemprop="identifier" content="{CHANNEL}">',
        f'<script>var x = {{"other":{{"channelId":"{OTHER}"}},"externalId":"{CHANNEL}"}}</script>',
        f'<script>{{"videoDetails":{{"videoId":"v","title":"t","channelId":"{CHANNEL}"}},"channelId":"{OTHER}"}}</script>',
    ],
    ids=["declared", "canonical link", "itemprop", "a channel's own data", "a video's data"],
)
@pytest.mark.parametrize("address", ["https://www.youtube.com/@example", "https://www.youtube.com/c/example/videos"])
def test_a_youtube_page_names_its_channel(address: str, html: str) -> None:
    assert feeds_on(address, html)[:1] == [VIDEOS]


def test_youtube_s_own_pages_are_nobody_s_channel() -> None:
    assert feeds_on("https://www.youtube.com/feed/trending", f'{{"externalId":"{CHANNEL}"}}') == []


@pytest.mark.parametrize(
    ("address", "html", "expected"),
    [
        (
            "https://social.example/@writer",
            '<div class="app-holder" id="mastodon"></div>',
            ["https://social.example/@writer.rss"],
        ),
        (
            "https://social.example/@writer@far.example",
            "<div id='mastodon'></div>",
            ["https://far.example/@writer.rss"],
        ),
        ("https://social.example/@writer", "<p>something like it</p>", ["https://social.example/@writer.rss"]),
        (
            "https://social.example/tags/bgp",
            '<div id="mastodon"></div>',
            ["https://social.example/tags/bgp.rss"],
        ),
        (
            "https://talk.example/t/a-title/42/7",
            '<meta name="generator" content="Discourse 3.4.0 - https://github.com/discourse">',
            ["https://talk.example/t/a-title/42.rss", "https://talk.example/latest.rss"],
        ),
        (
            "https://talk.example/c/support/5",
            '<meta content="Discourse 3.4.0" name="generator">',
            ["https://talk.example/c/support/5.rss", "https://talk.example/latest.rss"],
        ),
        (
            "https://talk.example/",
            '<meta name="generator" content="Discourse 3.4.0">',
            ["https://talk.example/latest.rss"],
        ),
        (
            "https://git.example/owner/repo",
            '<meta name="keywords" content="git,forge,forgejo">',
            [
                "https://git.example/owner/repo/releases.rss",
                "https://git.example/owner/repo/tags.rss",
                "https://git.example/owner/repo.rss",
            ],
        ),
        (
            "https://code.example/group/project",
            '<meta content="GitLab" property="og:site_name">',
            [
                "https://code.example/group/project/-/releases.atom",
                "https://code.example/group/project/-/tags?format=atom",
                "https://code.example/group/project.atom",
            ],
        ),
        (
            "https://stories.example/a-story-0123456789ab",
            '<meta property="al:android:package" content="com.medium.reader">',
            ["https://stories.example/feed"],
        ),
        (
            "https://site.example/blog/2024/01/post/",
            '<link rel="https://api.w.org/" href="https://site.example/blog/wp-json/">',
            ["https://site.example/blog/feed/"],
        ),
        (
            "https://site.example/about",
            '<meta name="generator" content="WordPress 6.6">',
            ["https://site.example/feed/"],
        ),
        (
            "https://site.example/news",
            '<meta name="generator" content="Hugo 0.120">',
            ["https://site.example/index.xml"],
        ),
        ("https://site.example/news", '<meta name="generator" content="Ghost 5.8">', ["https://site.example/rss/"]),
        (
            "https://site.example/blog",
            '<meta name="generator" content="Squarespace">',
            ["https://site.example/blog?format=rss"],
        ),
        ("https://site.example/news", "<p>Made by hand</p>", []),
    ],
)
def test_a_page_tells_what_it_was_made_with(address: str, html: str, expected: list[str]) -> None:
    assert feeds_on(address, f"<html><head>{html}</head></html>") == expected


def test_a_podcast_s_page_at_apple_is_looked_up_in_its_directory() -> None:
    asked = platforms.better_page("https://podcasts.apple.com/us/podcast/some-show/id1234567890?i=1000")
    assert asked == "https://itunes.apple.com/lookup?id=1234567890&entity=podcast"
    answer = json.dumps(
        {"resultCount": 1, "results": [{"collectionName": "Some Show", "feedUrl": "https://a.example/f"}]}
    )
    [found] = platforms.of_page(html_links.read(answer.encode(), asked))
    assert (found.url, found.label) == ("https://a.example/f", "Some Show")


@pytest.mark.parametrize(
    "answer", ["", "[]", '{"results": 7}', '{"results": [1]}', '{"results": [{"feedUrl": 7}]}', "[" * 9999]
)
def test_a_strange_answer_of_a_directory_gives_nothing(answer: str) -> None:
    assert platforms.of_page(html_links.read(answer.encode(), "https://itunes.apple.com/lookup?id=12345")) == ()


@pytest.mark.parametrize(
    ("address", "shared"),
    [
        ("https://www.youtube.com/feeds/videos.xml?channel_id=x", True),
        ("https://feeds.feedburner.com/somebody", True),
        ("https://medium.com/feed/@x", True),
        ("https://letters.substack.com/feed", False),
        ("https://blog.example/feed", False),
    ],
)
def test_a_host_of_many_people_is_known_as_one(address: str, shared: bool) -> None:
    assert platforms.is_shared(address) is shared


@cache
def endless(unit: str) -> html_links.Page:
    return html_links.read((unit * (html_links.MAX_PAGE // len(unit))).encode(), "https://blog.example/@x")


@pytest.mark.parametrize(
    "unit",
    ["<meta ", "<link ", '"videoDetails":{', "<link canonical ", "<link https://api.w.org/ ", '<meta og:site_name" '],
)
@pytest.mark.parametrize("address", ["https://www.youtube.com/@x", "https://blog.example/@x"])
def test_a_hostile_page_costs_little(address: str, unit: str) -> None:
    page = replace(endless(unit), url=address)
    started = time.process_time()
    platforms.of_page(page)
    assert time.process_time() - started < 5.0
