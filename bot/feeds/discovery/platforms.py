"""Feeds of platforms that are known: from an address alone, or from an address and the page there. Pure."""

import json
import re
from collections.abc import Callable, Iterator
from urllib.parse import quote, unquote, urlsplit

from bot.feeds.discovery.candidates import Candidate, Origin, each_once
from bot.feeds.discovery.html_links import Page
from bot.feeds.discovery.platform_rules import MADE_WITH, PLATFORMS, Platform
from bot.url_normalisation import absolute

_HEAD = 300_000
"""Characters of a page in which its maker is looked for."""
_CHANNEL = r"UC[\w-]{22}"
# Other channels are named further down the page: what speaks of the page itself comes first.
_CHANNEL_OF_PAGE = tuple(
    re.compile(pattern)
    for pattern in (
        rf"feeds/videos\.xml\?channel_id=({_CHANNEL})",
        rf"<link[^>]{{1,40}}?canonical[^>]{{1,60}}?/channel/({_CHANNEL})",
        rf"itemprop=[\"'](?:identifier|channelId)[\"'][^>]{{1,300}}?content=[\"']({_CHANNEL})",
        rf'"externalId"\s*:\s*"({_CHANNEL})"',
        rf'"videoDetails"\s*:\s*\{{[^{{}}]{{0,2000}}?"channelId"\s*:\s*"({_CHANNEL})"',
    )
)
_YOUTUBE = re.compile(r"(?:www\.|m\.|music\.)?youtube\.com|youtu\.be")
_APPLE = re.compile(r"(?:podcasts|itunes)\.apple\.com")
_APPLE_ID = re.compile(r"/id(\d{5,12})(?:\D|$)")
_LOOKUP = re.compile(r"https://itunes\.apple\.com/lookup\?id=\d+")
_WORDPRESS_ROOT = re.compile(
    r"<link[^>]{1,300}?https://api\.w\.org/[^>]{1,300}?href=[\"']([^\"'>]{1,300}?)(?:wp-json/|\?rest_route=/)",
    re.IGNORECASE,
)
# Hosts that keep other people's feeds and have no pages of those people.
_HOSTING = re.compile(
    r"(?:feeds\d*\.)?feedburner\.com|feedproxy\.google\.com|anchor\.fm|rss\.art19\.com|rss\.acast\.com|rss\.app"
    r"|feeds\.(?:megaphone|transistor|acast|buzzsprout|captivate|redcircle|simplecast|libsyn|soundcloud)\.(?:fm|com)"
    r"|hnrss\.org|rsshub\.app|rss\.arxiv\.org|politepol\.com|fetchrss\.com|kill-the-newsletter\.com"
)
_PROFILE = re.compile(r"/@([\w.-]+)(?:@([\w.-]+\.[\w-]+))?/?")


def of_address(url: str) -> tuple[Candidate, ...]:
    """Feeds that the address alone tells, best first; empty where its host is none of the known."""
    host, rest = _split(url)
    for platform in PLATFORMS:
        if platform.hosts is not None and platform.hosts.fullmatch(host):
            return tuple(_apply(platform, url, rest, Origin.KNOWN))
    return ()


def is_shared(url: str) -> bool:
    """Whether the host is of many people, so that its front page says nothing about one of them."""
    host, _ = _split(url)
    return bool(_APPLE.fullmatch(host) or _HOSTING.fullmatch(host)) or any(
        platform.hosts is not None and platform.hosts.fullmatch(host) and platform.shared for platform in PLATFORMS
    )


def better_page(url: str) -> str | None:
    """The page to ask instead, where the given one tells nothing and another is known that does."""
    host, rest = _split(url)
    if _APPLE.fullmatch(host) and (found := _APPLE_ID.search(rest)):
        return f"https://itunes.apple.com/lookup?id={found[1]}&entity=podcast"
    return None


def of_page(page: Page) -> tuple[Candidate, ...]:
    """Feeds that an address tells together with the page there, best first."""
    return tuple(each_once(candidate for look in _LOOKS for candidate in look(page)))


def _apply(platform: Platform, url: str, rest: str, origin: Origin) -> Iterator[Candidate]:
    """The feeds of the first rule that fits."""
    parts = urlsplit(url)
    for pattern, feeds in platform.rules:
        if (match := pattern.fullmatch(rest)) is None:
            continue
        words = {name: value or "" for name, value in match.groupdict().items()}
        words["root"] = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        words["host"] = parts.hostname or ""
        words["name"] = words["host"].split(".")[0]
        for template, label in feeds:
            if (found := absolute(None, template.format_map(words))) is not None:
                yield Candidate(found, origin, label)
        return


def _made_by_known_software(page: Page) -> Iterator[Candidate]:
    """A site of its own that runs what a known platform runs: Mastodon, Discourse, Forgejo, GitLab."""
    _, rest = _split(page.url)
    head = page.html[:_HEAD]
    for platform in PLATFORMS:
        if platform.marker is not None and (platform.marker.search(head) or platform.marker.search(page.generator)):
            yield from _apply(platform, page.url, rest, Origin.KNOWN)


def _youtube(page: Page) -> Iterator[Candidate]:
    """Pages of handles, users and videos name their channel by its id somewhere."""
    host, rest = _split(page.url)
    if not _YOUTUBE.fullmatch(host) or rest.startswith(("/feed/", "/results", "/playlist")) or rest == "/":
        return
    for pattern in _CHANNEL_OF_PAGE:
        if found := pattern.search(page.html):
            yield Candidate(f"https://www.youtube.com/feeds/videos.xml?channel_id={found[1]}", Origin.KNOWN, "Videos")
            return


def _apple_podcast(page: Page) -> Iterator[Candidate]:
    """The answer of Apple's directory names the podcast's own feed."""
    if not _LOOKUP.match(page.url):
        return
    try:
        results = json.loads(page.html)["results"]
        found = [(result.get("feedUrl"), result.get("collectionName")) for result in results]
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
        return
    for href, name in found:
        if isinstance(href, str) and (url := absolute(None, href)) is not None:
            yield Candidate(url, Origin.KNOWN, name if isinstance(name, str) else "")


def _wordpress(page: Page) -> Iterator[Candidate]:
    """The main feed, also where WordPress lives in a folder of the site."""
    if (found := _WORDPRESS_ROOT.search(page.html[:_HEAD])) is not None:
        root = absolute(page.url, found[1].removesuffix("index.php/"))
    elif "wordpress" in page.generator or "/wp-content/" in page.html[:_HEAD]:
        root = absolute(page.url, "/")
    else:
        return
    if root is not None:
        yield Candidate(f"{root.rstrip('/')}/feed/", Origin.GUESSED)


def _profile(page: Page) -> Iterator[Candidate]:
    """`/@name` is a person on Mastodon and what is like it, and `/@name@host` one of another host."""
    host, rest = _split(page.url)
    match = _PROFILE.fullmatch(rest)
    if match is None or is_shared(page.url):
        return
    yield Candidate(f"https://{match[2] or urlsplit(page.url).netloc or host}/@{match[1]}.rss", Origin.GUESSED, "Posts")


def _usual_for_its_maker(page: Page) -> Iterator[Candidate]:
    """Where a publishing system puts its feed if nobody moves it."""
    for name, places in MADE_WITH:
        if name in page.generator:
            for place in places:
                if (url := absolute(page.url, place)) is not None:
                    yield Candidate(url, Origin.GUESSED)


_LOOKS: tuple[Callable[[Page], Iterator[Candidate]], ...] = (
    _youtube,
    _apple_podcast,
    _made_by_known_software,
    _wordpress,
    _profile,
    _usual_for_its_maker,
)


def _split(url: str) -> tuple[str, str]:
    """Host, and path with query; the path's escapes are brought to one form, the query's order is kept."""
    parts = urlsplit(url)
    path = quote(unquote(parts.path), safe="/@~!$&'()*+,;=:.-_") or "/"
    return (parts.hostname or "").rstrip("."), f"{path}?{parts.query}" if parts.query else path
