"""Turns what a feed says of an entry into an `Entry`: absolute addresses, plain title, one picture, sizes bounded."""

import html as entities
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from selectolax.lexbor import LexborHTMLParser

from bot.feeds.identity.identify import keys
from bot.feeds.images import image_choice
from bot.feeds.images.image_choice import Candidate
from bot.model import EXCERPT, Enclosure, Entry
from bot.url_normalisation import absolute, host_name

MAX_TITLE = 1_000
MAX_AUTHOR = 200
MAX_CATEGORY = 100
_WORD = re.compile(r"\w+")
MAX_CATEGORIES = 20
MAX_HTML = 400_000
MAX_TEXT = 100_000
MAX_DIFFERENT_WORDS = 5_000
"""Of a text; a long novel's chapter has fewer. Each is a row of the search index, which is everybody's."""
MAX_URL = 4_000
"""Characters. What is longer is cut; an address that is longer is left out."""
MAX_DEPTH = 1_000
"""Elements within elements in an entry's HTML."""
MAX_ADDRESSES = 3_000
"""In one entry's HTML; those after them stay relative."""

_EMAIL = re.compile(
    r"(?<![\w@.+%'-])(?:mailto:)?[\w.+%'-]{1,64}@(?:(?:[\w-]{1,63}\.){1,8}\w{1,63}|localhost)(?:\?subject=\S{1,100})?"
    r"(?![\w@])"
)
_EMAIL_BEFORE_NAME = re.compile(r"[^\s()<>]{1,64}@[^\s()<>]{1,255}\s*\(([^()]+)\)")
"""The form that RSS asks for; whatever stands before the name is an address there."""
_CDATA = re.compile(r"<!\[CDATA\[(.*?)(?:\]\]>|\Z)", re.DOTALL)
_NO_ADDRESS = frozenset(("n/a", "na", "null", "none", "nil", "undefined", "-", "#"))
_NOTHING_SEEN = str.maketrans(dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\xad"))
_READ_FOR_WORDS = 400
_OTHER_TAG = re.compile(
    r"<(?=/?(?:article|aside|audio|body|button|canvas|caption|col|colgroup|datalist|dd|details|dialog|dl|dt|fieldset|figcaption"
    r"|figure|footer|form|frame|frameset|head|header|hgroup|html|input|label|legend|link|main|map|menu|meta|meter|nav|object|ol"
    r"|optgroup|option|output|picture|portal|progress|search|section|select|slot|source|summary|table|tbody|td|textarea|tfoot"
    r"|th|thead|tr|track|ul|video|[a-z]+(?:-[a-z0-9]+)+)[\s/>])",
    re.IGNORECASE,
)
"""Elements that no title is written with: who names them writes of them."""
_NEVER_SEEN = re.compile(r"<(?:!|script|style|template|noscript|title)", re.IGNORECASE)
_MARKUP = re.compile(r"<(?:[a-zA-Z/!][^<>]*>|!--)")
_BLOCK = re.compile(
    r"<(?=/?(?:p|div|br|li|h[1-6]|tr|t[dh]|blockquote|pre|[uod]l|d[dt]|fig\w+|table|section|article|hr|img)\b)",
    re.IGNORECASE,
)
# It begins with one fixed character, which the engine finds ten times as fast as a choice of words.
_RELATIVE = re.compile(
    r"=(?:(?<=\bsrc=)|(?<=\bhref=)|(?<=\bposter=)|(?<=\bsrc =)|(?<=\bhref =))"
    r"\s*+(?:[\"']\s*+)?(?![\"'#]|https?://|[a-z][a-z0-9+.-]{1,20}:)",
    re.IGNORECASE,
)
_CONTROL = bytes(sorted({*range(0x20), 0x7F} - {0x09, 0x0A, 0x0D}))
_TAG = re.compile(r"<!--.*?(?:-->|\Z)|<(/?)([a-zA-Z][a-zA-Z0-9]*)", re.DOTALL)
_ANY_TAG = re.compile(r"<[a-zA-Z/!][^<>]*>?")
_NEVER_NESTED = re.compile(
    r"area|base|[bh]r|col|embed|img|input|link|meta|param|source|track|wbr|p|li|d[dt]|t[drh]|option"
)


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry in the feed's own words, whatever its format. Texts may hold anything but None where str is said."""

    position: int
    base: str | None
    """What the entry's relative addresses are relative to."""
    guid: str | None = None
    links: Sequence[str | None] = ()
    """Best first; the first that is an http(s) address is taken."""
    title: str = ""
    title_is_html: bool = False
    title_is_declared: bool = True
    """Its format says what is markup in it; else it is guessed, and only what titles are written with is."""
    html: str = ""
    author: str | None = None
    categories: Iterable[str | None] = ()
    pictures: Sequence[Candidate] = ()
    enclosure: Enclosure | None = None
    other_html: str = ""
    """Where a picture is looked for that neither `pictures` nor `html` have."""
    html_base: str | None = None
    """What addresses in `html` are relative to; None for the entry's own page where that is on the site of `base`."""
    published_at: datetime | None = None


def finish(draft: Draft) -> Entry:
    """The entry with all that readers and the store rely on."""
    raw = flat(clean(unwrapped(draft.html))[:MAX_HTML])
    text = of_few_words(_words(raw)[:MAX_TEXT])
    entry = _without_body(draft, text or raw)
    base = draft.html_base or _page_base(entry.link, draft.base)
    image = image_choice.choose(draft.pictures, "", draft.base) or image_choice.choose((), raw, base)
    if image is None and draft.other_html:
        image = image_choice.choose((), flat(clean(unwrapped(draft.other_html))[:MAX_HTML]), base)
    return replace(entry, summary_html=with_absolute_addresses(raw, base), text=text, image_url=address(None, image))


def finish_old(draft: Draft) -> Entry:
    """The same for an entry of the archive: it is known by all its keys, and keeps the beginning of its text."""
    raw = flat(clean(unwrapped(draft.html))[:MAX_HTML])
    text = of_few_words(_words(raw)[:MAX_TEXT])
    kept = text[:EXCERPT]
    return replace(_without_body(draft, text or raw), summary_html=entities.escape(kept), text=kept, archived=True)


def _without_body(draft: Draft, content: str) -> Entry:
    words = draft.title[: 10 * MAX_TITLE]
    if draft.title_is_html and not draft.title_is_declared:
        words = _OTHER_TAG.sub("&lt;", words)
    title = one_line(plain(words) if draft.title_is_html else unwrapped(entities.unescape(words)), MAX_TITLE)
    guid = clean(draft.guid or "").strip() or None
    named = (one for one in draft.links if (one or "").strip().lower() not in _NO_ADDRESS)
    link = next((url for candidate in named if (url := address(draft.base, candidate))), None)
    return Entry(
        keys=keys(guid=guid, link=link, title=title, html=content),
        position=draft.position,
        guid=guid,
        link=link,
        title=title,
        author=author_name(draft.author),
        enclosure=draft.enclosure,
        categories=category_names(draft.categories),
        published_at=draft.published_at,
    )


def clean(text: str) -> str:
    """Without lone surrogates and control characters, which neither the store nor Discord takes."""
    if text.isprintable():
        return text  # as are most titles, names and addresses; a line break is not
    try:
        data = text.encode()
    except UnicodeEncodeError:
        # A half that has no other becomes U+FFFD; two that belong together become their character.
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        data = text.encode()
    kept = data.translate(None, _CONTROL)
    return text if len(kept) == len(data) else kept.decode()


def plain(html: str) -> str:
    """The words of `html`, markup and entities resolved, runs of white space as one space."""
    return _words(flat(clean(unwrapped(html))))


def unwrapped(text: str) -> str:
    """What is inside of CDATA marks that were escaped with their text; nobody means to show those."""
    for _ in range(3):
        if not text.lstrip()[:9].startswith("<![CDATA["):
            break
        text = _CDATA.sub(r"\1", text)
    return text


def says_something(html: str) -> bool:
    """Whether a reader would see any word or sign in it: not only markup, comments, blanks and pictures."""
    html = unwrapped(html)
    start = html[:_READ_FOR_WORDS]
    # Most have words near their beginning, and need no parser to tell.
    if not _NEVER_SEEN.search(start) and _seen(entities.unescape(_ANY_TAG.sub(" ", start))):
        return True
    return _seen(plain(html))


def _seen(text: str) -> bool:
    return bool(text.translate(_NOTHING_SEEN).strip())


def _page_base(link: str | None, base: str | None) -> str | None:
    """The entry's page; an article on another site than the feed's says nothing of addresses in the feed."""
    if not link or not base:
        return base or link
    return link if host_name(link).removeprefix("www.") == host_name(base).removeprefix("www.") else base


def _words(html: str) -> str:
    """The same of what is clean and flat already."""
    if not _MARKUP.search(html):
        return " ".join(entities.unescape(html).split())
    tree = LexborHTMLParser(_BLOCK.sub(" <", html))
    tree.strip_tags(["script", "style", "template", "noscript"])
    return " ".join(clean(tree.body.text(deep=True, separator="")).split()) if tree.body else ""


def flat(html: str) -> str:
    """`html`; if it is nested deeper than any article, only its words, in a paragraph.

    The time of an HTML parser is the square of the depth: 400 KB of <div> took 13 s.
    """
    if html.count("<") <= MAX_DEPTH:
        return html
    opened: dict[str, int] = defaultdict(int)
    depth = 0
    for closes, name in _TAG.findall(html):
        element = name.lower()
        if not element or _NEVER_NESTED.fullmatch(element):
            continue
        if not closes:
            opened[element] += 1
            depth += 1
        elif opened[element]:
            opened[element] -= 1
            depth -= 1
        if depth > MAX_DEPTH:
            return f"<p>{entities.escape(entities.unescape(_ANY_TAG.sub(' ', html)))}</p>"
    return html


def of_few_words(text: str) -> str:
    """The text up to where it has more different words than any author uses."""
    if len(text) <= 2 * MAX_DIFFERENT_WORDS:
        return text
    seen: set[str] = set()
    for word in _WORD.finditer(text):
        seen.add(word[0].lower())
        if len(seen) > MAX_DIFFERENT_WORDS:
            return text[: word.start()].rstrip()
    return text


def one_line(text: str, longest: int) -> str:
    """`text` on one line, cut with an ellipsis to at most `longest` characters."""
    line = " ".join(clean(text).split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def address(base: str | None, url: str | None) -> str | None:
    """An absolute http(s) address of bearable length, or None."""
    if not url or len(url) > MAX_URL:
        return None
    found = absolute(base, clean(url).strip())
    return found if found and len(found) <= MAX_URL else None


def with_absolute_addresses(html: str, base: str | None) -> str:
    """`html` with the addresses of links and pictures made absolute; the same text if all of them are."""
    if base is None or not _RELATIVE.search(html):
        return html
    tree = LexborHTMLParser(html)
    for node in tree.css("[href], [src], [poster]")[:MAX_ADDRESSES]:
        for name in ("href", "src", "poster"):
            value = node.attributes.get(name)
            if value and not value.startswith("#") and (found := absolute(base, value)):
                node.attrs[name] = found
    return (tree.body.inner_html or "") if tree.body else html


def author_name(text: str | None) -> str | None:
    """A person's name without e-mail addresses, or None if nothing else was there."""
    if not text:
        return None
    name = _EMAIL.sub(" ", _EMAIL_BEFORE_NAME.sub(r"\1", plain(text[: 10 * MAX_AUTHOR])))
    return one_line(re.sub(r"[()<>\[\]]+", " ", name) if "@" in text else name, MAX_AUTHOR).strip(" ,;:-") or None


def category_names(found: Iterable[str | None]) -> tuple[str, ...]:
    """Plain, each once (whatever its capitals), in the feed's order."""
    names: dict[str, str] = {}
    for raw in found:
        name = one_line(plain(str(raw or "")[: 10 * MAX_CATEGORY]), MAX_CATEGORY)
        if name:
            names.setdefault(name.casefold(), name)
        if len(names) == MAX_CATEGORIES:
            break
    return tuple(names.values())
