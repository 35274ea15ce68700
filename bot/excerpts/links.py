"""Links as a reader may trust them: absolute, http(s) only, and their words never say another address."""

import re
from urllib.parse import urljoin, urlsplit

from bot.excerpts import discord_limits, escape, lookalikes, misleading_links
from bot.excerpts.masked_link_label import label

MAX_SHOWN = 90
"""UTF-16 units of an address that is shown as it is; a longer one is shown as the name of its host."""

_SHARE = re.compile(
    r"facebook\.com/(?:sharer|share\.php|dialog/)|(?:twitter|x)\.com/(?:intent|share|home\?status)|linkedin\.com/share"
    r"|/~ff/|/~r/\S+/~4/|reddit\.com/submit|pinterest\.com/pin/create|addtoany\.com|getpocket\.com/(?:save|edit)|t\.me/share"
    r"|digg\.com/submit|del\.icio\.us/post|stumbleupon\.com/submit|news\.ycombinator\.com/submitlink|feedsportal\.com"
    r"|api\.whatsapp\.com/send|tumblr\.com/(?:share|widgets/share)|instapaper\.com/(?:hello2|edit)|blogger\.com/share"
    r"|bsky\.app/intent|mastodonshare|feedads\.|doubleclick\.net|feeds\.wordpress\.com/\d",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"://|^www\.", re.IGNORECASE)
_ALONE = re.compile(r"[\w-]+(?:\.[\w-]+)+(?:[/:?#]\S*)?")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)(://)([^\s/?#<>()\[\]]*)", re.IGNORECASE)
_NO_ADDRESS = ":/\u200b/"
_PLAYERS = (
    (re.compile(r"youtube(?:-nocookie)?\.com/(?:embed|v)/([\w-]{6,20})"), "https://www.youtube.com/watch?v={}"),
    (re.compile(r"player\.vimeo\.com/video/(\d+)"), "https://vimeo.com/{}"),
    (re.compile(r"dailymotion\.com/embed/video/(\w+)"), "https://www.dailymotion.com/video/{}"),
)


def absolute(base_url: str | None, href: str | None) -> str | None:
    """An absolute http(s) address, or None."""
    try:
        joined = urljoin(base_url or "", (href or "").strip())
        parts = urlsplit(joined)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return None
    return joined if usable else None


def is_share(href: str) -> bool:
    """Whether the address only passes the article on, or counts readers."""
    return bool(_SHARE.search(href[:1000]))


def is_address(text: str, href: str) -> bool:
    """Whether a reader would take all of the text, the words of a link to `href`, for that address."""
    plain = lookalikes.dotted(text).strip()
    if _ADDRESS.search(plain):
        return True
    return _ALONE.fullmatch(plain) is not None and misleading_links.is_of(plain, href)


def names_another(text: str, href: str) -> bool:
    """Whether the words of a link to `href` name a site that it does not lead to."""
    return misleading_links.names_another(text, href)


def is_long(href: str) -> bool:
    """Whether nobody would read the whole address."""
    return discord_limits.units(escape.bare_url(href)) > MAX_SHOWN and host(href) != ""


def bare(href: str) -> str:
    """An address in the text, shown as where it leads."""
    return masked(words(host(href)), href) if is_long(href) else escape.bare_url(href)


def read_as(href: str) -> str:
    """What a reader sees of `bare`."""
    return host(href) if is_long(href) else escape.bare_url(href)


def disclosed(shown: str, href: str) -> str:
    """Words that name another site, as they are, and behind them where the link leads."""
    return f"{shown} ({masked(words(host(href)), href)})"


def masked(shown: str, href: str) -> str:
    """`shown` was made by `masked_link_label.label`."""
    return f"[{shown}]({escape.url(href)})"


def words(text: str) -> str:
    """Plain text as the words of a masked link."""
    return label(" ".join(map(escape.escape, text.replace("://", _NO_ADDRESS).split())))


def broken(text: str, href: str | None) -> str:
    """The words of a link with each address of another site broken, so that nobody takes them for where it leads."""
    own = host(href or "")

    def put(match: re.Match[str]) -> str:
        there = host(f"{match[1]}://{match[3]}")
        return match[0] if own and there == own else f"{match[1]}{_NO_ADDRESS}{match[3]}"

    plain = lookalikes.plain_slashes(text)
    return _SCHEME.sub(put, plain) if "://" in plain else text


def host(href: str) -> str:
    """The name of the site, empty where there is none."""
    try:
        return (urlsplit(href).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def player(src: str | None) -> str | None:
    """The page of the film that an embedded player shows, None where none is known."""
    for pattern, page in _PLAYERS:
        if found := pattern.search((src or "")[:1000]):
            return page.format(found[1])
    return None
