"""The picture that an article's page names for those who pass it on: og:image and its like."""

import re

from bot.feeds.images import image_choice
from bot.feeds.parsing.tag_scanner import Tags
from bot.url_normalisation import absolute

FIRST_BYTES = 256 * 1024
"""Enough of a page to have its head."""

_END_OF_HEAD = re.compile(rb"</head\s*>|<body[\s>]", re.IGNORECASE)
MAX_TAGS = 2_000
"""Of a head; real ones have some hundreds."""
LINKED = "<link>"
"""Where the address of <link rel=image_src> is kept; no page has a name like it."""
_NAMES = (
    "og:image:secure_url",
    "og:image",
    "og:image:url",
    "twitter:image",
    "twitter:image:src",
    "image",
    "thumbnail",
    LINKED,
)
# What a site shows where an article has no picture; YouTube calls the still of every film "hqdefault" and the like.
_STAND_IN = re.compile(
    r"(?:(?<!maxres)(?<!hq)(?<!mq)(?<!sd)default|fallback|placeholder|no[-_]?image"
    r"|missing(?=[^a-z]*(?:image|img|photo|picture|thumb|cover|\.\w+$|$))|generic|site[-_]?(?:image|logo|card))[^/]*$"
    r"|(?:^|[/_.-])(?:logo|brand)s?(?:[/_.-][^/]*)?$",
    re.IGNORECASE,
)


def page_image(body: bytes, url: str) -> str | None:
    """An absolute http(s) address, or None. `body` may be only the beginning of the page at `url`.

    Takes time that grows with the page's length and no faster.
    """
    end = _END_OF_HEAD.search(body[:FIRST_BYTES])
    head = body[: end.start() if end else FIRST_BYTES].decode("utf-8", "replace")
    if "image" not in head:
        return None
    said, base = _read(head)
    width, height = (said.get(f"og:image:{side}") for side in ("width", "height"))
    for name in _NAMES:
        address = absolute(absolute(url, base) or url, said.get(name))
        if (
            address
            and image_choice.is_picture(address, width, height)
            and not _STAND_IN.search(address.split("?", 1)[0])
        ):
            return image_choice.larger(address)
    return None


def _read(head: str) -> tuple[dict[str, str], str | None]:
    """What the head says under each name, the first time, and the address that its relative ones are meant from."""
    said: dict[str, str] = {}
    base: str | None = None
    tags = Tags(head, is_html=True)
    for _ in range(MAX_TAGS):
        tag = tags.next()
        if tag is None:
            break
        if not tag.closing and tag.name in {"meta", "link", "base"}:
            found = tags.attributes(tag) or {}
            if tag.name == "meta":
                for name in {found.get(key, "") for key in ("property", "name", "itemprop")}:
                    said.setdefault(name, found.get("content", ""))
            elif tag.name == "base":
                base = base or found.get("href")
            elif "image_src" in found.get("rel", "").split():
                said.setdefault(LINKED, found.get("href", ""))
        tags.skip_raw(tag)
    return said, base
