"""The picture that an article's page names for those who pass it on: og:image and its like."""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser

from bot.feeds import pictures
from bot.feeds.urls import absolute

FIRST_BYTES = 256 * 1024
"""Enough of a page to have its head."""

_END_OF_HEAD = re.compile(rb"</head\s*>|<body[\s>]", re.IGNORECASE)
_NAMES = ("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src", "image", "thumbnail")
# What a site shows where an article has no picture; YouTube calls the still of every film "hqdefault" and the like.
_STAND_IN = re.compile(
    r"(?:(?<!maxres)(?<!hq)(?<!mq)(?<!sd)default|fallback|placeholder|no[-_]?image"
    r"|missing(?=[^a-z]*(?:image|img|photo|picture|thumb|cover|\.\w+$|$))|generic|site[-_]?(?:image|logo|card))[^/]*$"
    r"|(?:^|[/_.-])(?:logo|brand)s?(?:[/_.-][^/]*)?$",
    re.IGNORECASE,
)


def page_image(body: bytes, url: str) -> str | None:
    """An absolute http(s) address, or None. `body` may be only the beginning of the page at `url`."""
    end = _END_OF_HEAD.search(body[:FIRST_BYTES])
    head = body[: end.start() if end else FIRST_BYTES].decode("utf-8", "replace")
    if "image" not in head:
        return None
    tree = LexborHTMLParser(head)
    named = tree.css_first("base[href]")
    base = absolute(url, named.attributes.get("href")) if named is not None else None
    width, height = (_said(tree, f"og:image:{side}") for side in ("width", "height"))
    for found in _candidates(tree):
        address = absolute(base or url, found)
        if address and pictures.is_picture(address, width, height) and not _STAND_IN.search(address.split("?", 1)[0]):
            return pictures.larger(address)
    return None


def _candidates(tree: LexborHTMLParser) -> Iterator[str | None]:
    for name in _NAMES:
        yield _said(tree, name)
    link = tree.css_first('link[rel~="image_src"]')
    yield link.attributes.get("href") if link is not None else None


def _said(tree: LexborHTMLParser, name: str) -> str | None:
    node = tree.css_first(f'meta[property="{name}"], meta[name="{name}"], meta[itemprop="{name}"]')
    return node.attributes.get("content") if node is not None else None
