"""Addresses that may be feeds, with what is known of them before anybody asked. Pure values."""

import enum
import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.url_normalisation import canonical


class Origin(enum.IntEnum):
    """How an address was come by; what is surer comes first."""

    KNOWN = 0
    """A rule for its platform names it, for this very address: it is what was meant, even if it holds comments."""
    DECLARED = 1
    """The page says that it is a feed of it."""
    LINKED = 2
    """The page links to it, and it looks like a feed."""
    GUESSED = 3
    """The page does not speak of it."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address to try."""

    url: str
    origin: Origin
    label: str = ""
    """What sets it apart from others of its site, in a word or two; empty where nobody said."""
    aside: bool = False
    """Of another language than the page: offered after the main feed."""


_SHAPE = re.compile(
    r"""\.(?:rss|atom|rdf)$
      | (?:^|/)(?:feed|feeds|rss|rss2|atom|rdf|xmlrss|syndication|backend)(?:\.(?:xml|json|php|aspx|rdf))?/?$
      | (?:^|/)(?:rss|atom|feed|index)[\w.-]*\.(?:xml|rdf|json)$
      | /feed/(?:atom|rss|rss2|json|podcast)/?$
      | /feeds/[\w./-]*$
      | /rss/[\w./-]*$""",
    re.IGNORECASE | re.VERBOSE,
)
_QUERY = re.compile(
    r"(?:^|&)(?:feed=(?:rss2?|atom|rdf)|format=(?:rss|atom|feed)|alt=(?:rss|atom)|type=rss)", re.IGNORECASE
)
_NO_SOURCE = re.compile(
    r"/wp-json/|oembed|/comments/(?:feed|default|rss|atom)|[?&]feed=comments|(?:^|/)comments?\.(?:xml|rss|atom|json)"
    r"|manifest\.json|opensearch|/xmlrpc\.php|sitemap[\w-]*\.xml|/(?:rss|feed|atom)[\w-]*\.(?:png|gif|svg|jpe?g|css|js)(?:[?#]|$)",
    re.IGNORECASE,
)
# The words that publishing systems use for the feed of comments, in the languages they are used in most.
_COMMENTS = re.compile(
    r"comments? feed|comments (?:on|for)\b|^(?:recent )?comments$|flux (?:rss )?des commentaires|commentaires sur\b"
    r"|kommentar(?:e zu|-?feed)|feed dei commenti|commenti (?:a|su)\b|(?:rss|feed) de (?:los )?comentarios"
    r"|comentarios en\b|feed de comentários|comentários (?:sobre|em)\b|reacties op\b|reactiesfeed|komentarze do"
    r"|лента комментариев|комментарии (?:к|на)\b|yorum beslemesi|评论 feed|評論資訊|コメントフィード|댓글 피드",
    re.IGNORECASE,
)


def looks_like_a_feed(url: str) -> bool:
    """Whether the address alone suggests a feed."""
    path, _, query = url.partition("#")[0].partition("?")
    path = path.partition("://")[2] or path
    return bool(_SHAPE.search(path[path.find("/") :] if "/" in path else "") or (query and _QUERY.search(query)))


def is_no_source(url: str) -> bool:
    """Whether nobody wants to follow it: comments, programming interfaces, pictures of feeds."""
    return _NO_SOURCE.search(url) is not None


def speaks_of_comments(title: str) -> bool:
    """Whether a title is that of a feed of comments."""
    return _COMMENTS.search(title) is not None


def each_once(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Without those whose address came before."""
    found: dict[str, Candidate] = {}
    for candidate in candidates:
        found.setdefault(canonical(candidate.url), candidate)
    return list(found.values())
