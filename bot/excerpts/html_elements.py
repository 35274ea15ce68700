"""What HTML's elements mean for an excerpt, and which of them belong to the page rather than to the article."""

import functools
import re
from collections.abc import Mapping

BOLD, ITALIC, STRIKE = "**", "*", "~~"
MARK_ORDER = (BOLD, ITALIC, STRIKE)
MARKS = dict.fromkeys(("b", "strong", "th", "dt", "summary", "caption"), BOLD)
MARKS |= dict.fromkeys(("i", "em", "cite", "dfn", "var"), ITALIC)
MARKS |= dict.fromkeys(("s", "del", "strike"), STRIKE)

HEADINGS = frozenset(("h1", "h2", "h3"))
"""As headings of Discord's smallest size, which is that of an embed's title."""
SMALL_HEADINGS = frozenset(("h4", "h5", "h6", "legend"))
"""As a line in bold."""
CODE = frozenset(("code", "kbd", "samp", "tt"))
LISTS = frozenset(("ul", "ol", "menu", "dir"))
ROWS = frozenset(("tr", "dt", "dd", "summary", "option", "caption"))
PARAGRAPHS = frozenset(("p", "figure", "table", "dl", "pre", "hr", "blockquote", "details", "address", "article"))
PARAGRAPHS |= LISTS | HEADINGS | SMALL_HEADINGS
"""A blank line before and after."""
BLOCKS = frozenset(
    [
        "div",
        "section",
        "header",
        "footer",
        "main",
        "aside",
        "center",
        "fieldset",
        "figcaption",
        "hgroup",
        "tbody",
        "thead",
        "tfoot",
    ],
)
"""A line of its own."""
DROPPED = frozenset(
    [
        "script",
        "style",
        "noscript",
        "object",
        "embed",
        "svg",
        "form",
        "button",
        "select",
        "textarea",
        "template",
        "head",
        "title",
        "nav",
        "audio",
        "video",
        "canvas",
        "map",
        "source",
        "track",
        "rp",
        "frame",
        "frameset",
        "noframes",
        "datalist",
        "dialog",
        "progress",
        "meter",
        "-comment",
        "-doctype",
        "!doctype",
    ]
)
PLAYERS = frozenset(("iframe", "video", "embed"))

_FURNITURE = re.compile(
    # share bars
    r"sharedaddy|feedflare|addtoany|addthis|a2a_kit|\bssba|heateor|swp_social|\bsfsi|shareaholic|simplesocialbuttons"
    r"|\bshare-?(?:bar|buttons?|links?|this)\b|social-?(?:share|sharing|links?|bar|buttons?|icons?)|(?:twitter|fb)-share"
    r"|\bfb-like|sharing-buttons|jp-relatedposts|mf-viral|\blike-widget|post-?likes"
    # what else to read, and where the reader is
    r"|\byarpp|\bcrp_related|rp4wp|related-?(?:posts|articles|stories|reading)\b|breadcrumbs?\b|post-?navigation"
    # tables of contents
    r"|\bez-toc|\btoc_container|\blwptoc|\btable-of-contents\b|\btoc\b"
    # forms and what asks to subscribe
    r"|subscription-widget|subscribe-(?:widget|form|box|button)|newsletter-(?:signup|sign-up|form|box|cta)|mailpoet"
    r"|\bmc4wp|convertkit|formkit-form|jetpack[-_]subscription|captioned-button-wrap|\bbutton-wrapper\b"
    # advertisements and counters
    r"|\bwpcnt\b|\bwordads|\badsbygoogle|\bad-(?:container|slot|unit)\b|post-?ratings|blogger-post-footer"
    # for programs, or for readers who hear the page
    r"|screen-reader|sr-only|visually-?hidden|image-link-expand|\bgist-meta\b|\bheaderlink\b|header-?anchor"
    r"|anchor-?link\b|\blinenos?\b|line-?numbers?-rows|\brouge-gutter|\bgutter\b|\bcode-?(?:copy|toolbar-item)",
    re.IGNORECASE,
)
_CAPTION = re.compile(r"\b(?:wp-caption-(?:text|dd)|tr-caption|(?:image|figure|photo|img)-?caption)\b", re.IGNORECASE)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d]*[1-9])", re.IGNORECASE)
_STYLES = (
    (re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)", re.IGNORECASE), BOLD),
    (re.compile(r"font-style\s*:\s*italic", re.IGNORECASE), ITALIC),
    (re.compile(r"text-decoration[\w-]*\s*:\s*line-through", re.IGNORECASE), STRIKE),
)
_UNSTYLED = re.compile(r"font-(?:weight\s*:\s*(?:normal|400)|style\s*:\s*normal)", re.IGNORECASE)
_MAX_ATTRIBUTE = 500

Attributes = Mapping[str, str | None]


def named(attributes: Attributes) -> str:
    """Class and id, which say what an element is for."""
    return f"{attributes.get('class') or ''} {attributes.get('id') or ''}"[:_MAX_ATTRIBUTE]


def is_furniture(attributes: Attributes) -> bool:
    """Hidden, or made by the site rather than written by the author."""
    if not attributes:
        return False
    return (
        "hidden" in attributes
        or attributes.get("aria-hidden") == "true"
        or _names_furniture(named(attributes))
        or bool(_HIDDEN.search((attributes.get("style") or "")[:_MAX_ATTRIBUTE]))
    )


@functools.lru_cache(maxsize=4096)
def _names_furniture(name: str) -> bool:
    """Remembered, because a page says the same few names over and over."""
    return name != " " and _FURNITURE.search(name) is not None


def is_caption(tag: str, attributes: Attributes) -> bool:
    """Whether the element says something of a picture."""
    return tag == "figcaption" or (bool(attributes) and bool(_CAPTION.search(named(attributes))))


def marks(tag: str, attributes: Attributes) -> tuple[str, ...]:
    """How the element's text is set."""
    style = (attributes.get("style") or "")[:_MAX_ATTRIBUTE] if attributes else ""
    own = MARKS.get(tag)
    if own:
        # Editors wrap whole documents into <b style="font-weight:normal">.
        return () if style and _UNSTYLED.search(style) else (own,)
    return tuple(mark for pattern, mark in _STYLES if pattern.search(style)) if tag == "span" and style else ()
