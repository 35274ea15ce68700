"""Chooses the one picture that shows what an entry is about, and leaves out pixels, icons, badges and advertisements."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from bot.url_normalisation import absolute

MIN_SIDE = 48
"""Pixels; what says it is smaller in a direction is no illustration."""
SMALL_WIDTH = 300
"""Pixels; a wider picture is looked for where a feed names several."""
IMAGES_LOOKED_AT = 20
"""In one entry's HTML; a picture that shows the article comes early."""
MAX_HTML = 200_000
"""Characters of an entry's HTML that are searched."""
WIDEST = 2_000
"""Pixels; of a picture's sizes the largest up to here."""

_NO_PICTURE = re.compile(
    # counters and what watches readers
    r"feedburner|feedsportal|feeds\.wordpress\.com|//[^/]*feeds?\.[^/]*/~(?:r|ff?|a|at)/|/~4/|//feeds\.[^/]+/[^.]*\?g=\d+$|/b\.gif|//pixel\.|(?:/|\b)pixel(?:s?/|[._]?(?:gif|png|php|jpg))|(?<![0-9])1x1(?![0-9])"
    r"|/blank\.|[/_-]placeholder[^/]*\.(?:gif|png|jpe?g|webp)(?:$|[?#])|[?&]blur=[1-9]|/spacer|/transparent\.|/clear\.gif|google-analytics|stats\.wp\.com|/stat\?|scorecardresearch|/tracker/|/tracking[/.?]|/track\.(?:php|gif)"
    r"|web-?bug|(?:/|\b)counter(?:/|\.(?:php|gif|cgi|png))|feed-statistics|/beacon|/open\.(?:gif|aspx)|/countview|mc\.yandex|statcounter"
    # advertisements
    r"|doubleclick|googleadservices|googlesyndication|amazon-adsystem|assoc-amazon|/ads?/|/adserver|/display-?ads?/|impactradius"
    r"|shareasale|linksynergy|awin1\.com|rssad\.jp|pheedo|//ads?\d*\.|feedads|adview"
    # people and moods
    r"|gravatar|/avatars?/|[-_/]avatar[-_]?\d*\.(?:png|jpe?g|gif|webp)|profile[-_]?(?:image|photo|pic)s?/|hprofile|profile\.ak\.fbcdn"
    r"|/emo(?:jis?|ticons?)[/._-]|twemoji|/emos?\b|\bemos\.|smil(?:ey|ies)"
    # signs
    r"|favicon|apple-touch-icon|/icons?[/._-]|flaticon\.com|share[-_]?(?:button|icon)|/buttons?[/._-]|/badges?[/.?]|[-_]badges?\.(?:svg|png|gif)|shields\.io"
    r"|badge\.fury|travis-ci|codecov\.io|addtoany|sharethis|paypal\w*\.com/\w*/?i/btn|buymeacoffee|ko-fi\.com/img|flattr|/no-?img|/noimage"
    r"|/rss\.(?:gif|png)|rating[s_-]?stars?|/arrow[._-]|/bullet[._-]",
    re.IGNORECASE,
)
_NO_PICTURE_CLASS = re.compile(
    r"\b(?:emoji|wp-smiley|smiley|emoticon|avatar|icon|badge|pixel|tracker|tracking|author-?(?:photo|image)|gravatar|logo"
    r"|latex|math|social|share|sharing)\b",
    re.IGNORECASE,
)
# "hero_16x9.jpg" says its shape, not its size; and only by chance there is a "9X6" in the letters of an address.
_SIZE_IN_NAME = re.compile(
    r"(?<![0-9a-z])(?!(?:16x9|9x16|16x10|4x3|3x4|3x2|2x3|5x4|4x5|21x9|2x1|1x2)(?![0-9]))"
    r"(?:w(\d{1,3})_h(\d{1,3})|(\d{1,3})(?-i:x)(\d{1,3}))(?![0-9])",
    re.IGNORECASE,
)
_SIZE_IN_QUERY = re.compile(r"[?&;](?:w|h|width|height)=([1-9]\d{0,3})(?=[&;#]|$)", re.IGNORECASE)
_PICTURE_FILE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif)(?:$|[?#])", re.IGNORECASE)
_NAMES_OF_PICTURES = frozenset(("image", "jpg", "jpeg", "png", "gif", "webp", "avif"))
"""What some write for a media type."""
_TYPES_OF_ANY_FILE = frozenset(("application/octet-stream", "binary/octet-stream", "application/binary"))
_NUMBER = re.compile(r"\s*(\d{1,5})(?:\.\d+)?(?:px)?\s*$")
_STYLE_SIZE = re.compile(r"(?:^|[;\s])(?:max-)?(?:width|height)\s*:\s*(\d{1,5}(?:\.\d+)?)(px|em)", re.IGNORECASE)
# Lazy loading keeps the address beside a placeholder.
_SOURCES = ("data-src", "data-lazy-src", "data-original", "data-orig-file", "data-lazy", "data-hi-res-src")
_SOURCE_SETS = ("data-srcset", "data-lazy-srcset")
_USUAL_WIDTH = 1080
"""Pixels; put where a script would put the width into an address."""
_YOUTUBE = re.compile(r"(?:youtube(?:-nocookie)?\.com/(?:embed|v)/|youtu\.be/)([\w-]{11})(?![\w-])")
_LARGER = (
    (
        re.compile(
            r"(//(?:\d\.bp\.blogspot\.com|blogger\.googleusercontent\.com|lh\d\.\w+\.com)/.+)/s\d{2,3}(?:-\w+)*/"
        ),
        r"\1/s1600/",
    ),
    (
        re.compile(
            r"(//(?:i\d?\.ytimg|img\.youtube)\.com/vi(?:_webp)?/[\w-]+)/(?:default|mqdefault|[0-3])\.(jpg|webp)"
        ),
        r"\1/hqdefault.\2",
    ),
    (re.compile(r"(//[\w.-]*(?:images-amazon|media-amazon)\.com/images/.+)\._S[LXY]\d{2,3}_\."), r"\1._SL500_."),
)
"""Hosts that give the same picture in any size under a known address."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A picture that a feed names outside of an entry's HTML. `width` and `height` as the feed wrote them."""

    url: str | None
    width: object = None
    height: object = None


def choose(candidates: Iterable[Candidate], html: str, base: str | None) -> str | None:
    """The first usable picture of `candidates`, else of `html`; an absolute http(s) address.

    Of a picture that the feed offers in several sizes, the widest.
    """
    usable: list[tuple[int, str]] = []
    for candidate in candidates:
        url = absolute(base, candidate.url)
        if url and is_picture(url, candidate.width, candidate.height):
            usable.append((_pixels(candidate.width) or 0, url))
    if usable:
        width, url = usable[0]
        if 0 < width < SMALL_WIDTH:
            url = max(usable, key=lambda pair: pair[0] if pair[0] <= WIDEST else 0)[1]
        return larger(url)
    found = next(_in_html(html[:MAX_HTML], base), None)
    return larger(found) if found else None


def is_picture(url: str, width: object = None, height: object = None) -> bool:
    """Whether the address may show an article, as far as its name and its stated size tell."""
    sizes = [size for one in (width, height) if (size := _pixels(one)) is not None]
    in_name = _SIZE_IN_NAME.search(url)
    if in_name:
        sizes += [int(size) for size in in_name.groups() if size and int(size)]  # "600x0" means any height
    sizes += [int(size) for size in _SIZE_IN_QUERY.findall(url)]
    if any(size < MIN_SIDE for size in sizes):
        return False
    # Discord shows no SVG.
    return not _NO_PICTURE.search(url) and not url.split("?", 1)[0].lower().endswith((".svg", ".svgz", ".ico", ".pdf"))


def is_picture_file(media_type: str | None, medium: str | None, url: str | None) -> bool:
    """Whether an attached file is a picture: by its type, else by its name."""
    kind = (media_type or "").partition(";")[0].strip().lower()
    if kind.startswith("image/") or kind in _NAMES_OF_PICTURES:
        return True
    if "/" in kind and kind not in _TYPES_OF_ANY_FILE:
        return False
    if medium:
        return medium.strip().lower() == "image"
    return bool(url and _PICTURE_FILE.search(url))


def larger(url: str) -> str:
    """The address of the same picture in a size that fills an embed, where its host is known to have it."""
    for pattern, replacement in _LARGER:
        url = pattern.sub(replacement, url)
    return url


def _pixels(size: object) -> int | None:
    found = _NUMBER.match(str(size if size is not None else ""))
    return int(found[1]) if found else None


def _in_html(html: str, base: str | None) -> Iterator[str]:
    if not re.search("<(?:img|iframe|video|amp-img)", html, re.IGNORECASE):
        return
    tree = LexborHTMLParser(html)
    for node in tree.css("img, amp-img, iframe, video")[:IMAGES_LOOKED_AT]:
        attributes = node.attributes
        if node.tag == "iframe":
            if film := _YOUTUBE.search(attributes.get("src") or ""):
                yield f"https://i.ytimg.com/vi/{film[1]}/hqdefault.jpg"
        elif not _is_furniture(node):
            for address in _addresses(node):
                url = absolute(base, address)
                if url and is_picture(url, attributes.get("width"), attributes.get("height")):
                    yield url
                    break


def _is_furniture(node: LexborNode) -> bool:
    """Whether the picture or what is around it says that it is none of the article."""
    attributes: Mapping[str, str | None] = node.attributes
    for number, unit in _STYLE_SIZE.findall((attributes.get("style") or "")[:300]):
        if float(number) * (16 if unit.lower() == "em" else 1) < MIN_SIDE:
            return True
    around = node.parent
    named = [attributes.get("class"), around.attributes.get("class") if around is not None else None]
    return any(_NO_PICTURE_CLASS.search((name or "")[:300]) for name in named) or "hidden" in attributes


def _addresses(node: LexborNode) -> Iterator[str | None]:
    attributes = node.attributes
    if node.tag == "video":
        yield attributes.get("poster")
        return
    for name in _SOURCES:
        yield (attributes.get(name) or "").replace("{width}", str(_USUAL_WIDTH))
    around = node.parent
    sources = around.css("source") if around is not None and around.tag == "picture" else []
    for one in (node, *sources):
        for name in _SOURCE_SETS:
            yield _widest(one.attributes.get(name))
    shown, widest = attributes.get("src"), _widest(attributes.get("srcset"))
    if _is_small_of(shown, attributes.get("srcset")):
        yield widest
    yield shown
    yield widest
    for source in sources:
        yield _widest(source.attributes.get("srcset"))


def _is_small_of(shown: str | None, srcset: str | None) -> bool:
    """Whether the set itself names the shown picture as a small one."""
    listed = re.search(rf"(?:^|,\s*){re.escape(shown)}\s+(\d{{1,5}})w", srcset[:10_000]) if shown and srcset else None
    return listed is not None and int(listed[1]) < SMALL_WIDTH


def _widest(srcset: str | None) -> str | None:
    """The address of the widest picture in "a.jpg 300w, b.jpg 600w" up to WIDEST, else the first."""
    best, most = None, -1.0
    # A comma may be a part of an address; the one between two of them has a blank behind it.
    for one in re.split(r",\s+", (srcset or "")[:10_000].strip()):
        address, _, size = one.strip().partition(" ")
        number = re.match(r"([\d.]{1,8})[wx]", size.strip())
        try:
            width = float(number[1]) if number else 0.0
        except ValueError:
            width = 0.0
        if address and most < width <= WIDEST:
            best, most = address, width
    return best
