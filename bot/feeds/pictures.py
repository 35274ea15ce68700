"""Chooses the one picture that shows what an entry is about, and leaves out pixels, icons and badges."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser

from bot.feeds.urls import absolute

SMALLEST_SIDE = 48
"""Pixels; what says it is smaller in a direction is no illustration."""
IMAGES_LOOKED_AT = 20
"""In one entry's HTML; a picture that shows the article comes early."""

_NO_PICTURE = re.compile(
    r"feedburner|feedsportal|feeds\.wordpress\.com|/b\.gif|pixel|blank\.|spacer|transparent\.|1x1|doubleclick|"
    r"googleadservices|google-analytics|stats\.wp\.com|/stat\?|scorecardresearch|amazon-adsystem|assoc-amazon|/ads?/|"
    r"gravatar|avatar|favicon|emoji|smil(?:ey|ies)|/icons?[/._-]|share[-_]?(?:button|icon)|badge|shields\.io|"
    r"addtoany|sharethis|paypal\w*\.com/\w*/?i/btn|buymeacoffee|ko-fi\.com/img|tracking|counter|webbug",
    re.IGNORECASE,
)
_NO_PICTURE_CLASS = re.compile(r"\b(?:emoji|wp-smiley|avatar|icon|badge|pixel|tracker|author-?photo)\b", re.IGNORECASE)
_PICTURE_FILE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif)(?:$|[?#])", re.IGNORECASE)
_NUMBER = re.compile(r"\s*(\d{1,5})(?:\.\d+)?(?:px)?\s*$")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A picture that a feed names outside of an entry's HTML. `width` and `height` as the feed wrote them."""

    url: str | None
    width: object = None
    height: object = None


def choose(candidates: Iterable[Candidate], html: str, base: str | None) -> str | None:
    """The first usable picture of `candidates`, else of `html`; an absolute http(s) address."""
    for candidate in candidates:
        url = absolute(base, candidate.url)
        if url and is_picture(url, candidate.width, candidate.height):
            return url
    return next(_in_html(html, base), None)


def is_picture(url: str, width: object = None, height: object = None) -> bool:
    """Whether the address may show an article, as far as its name and its stated size tell."""
    sizes = [int(found[1]) for size in (width, height) if (found := _NUMBER.match(str(size or "")))]
    if "0" in (str(width).strip(), str(height).strip()) or any(size < SMALLEST_SIDE for size in sizes):
        return False
    # Discord shows no SVG.
    return not _NO_PICTURE.search(url) and not url.split("?", 1)[0].lower().endswith((".svg", ".svgz", ".ico"))


def is_picture_file(media_type: str | None, medium: str | None, url: str | None) -> bool:
    """Whether an attached file is a picture: by its type, else by its name."""
    if media_type:
        return media_type.lower().startswith("image/")
    if medium:
        return medium.lower() == "image"
    return bool(url and _PICTURE_FILE.search(url))


def _in_html(html: str, base: str | None) -> Iterator[str]:
    if "<img" not in html.lower():
        return
    for image in LexborHTMLParser(html).css("img")[:IMAGES_LOOKED_AT]:
        attributes = image.attributes
        if _NO_PICTURE_CLASS.search(attributes.get("class") or ""):
            continue
        # Lazy loading keeps the address beside a placeholder.
        for name in ("data-src", "data-lazy-src", "data-original", "src"):
            url = absolute(base, attributes.get(name))
            if url and is_picture(url, attributes.get("width"), attributes.get("height")):
                yield url
                break
