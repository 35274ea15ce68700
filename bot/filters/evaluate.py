"""Stored filters at work: which of them do not want an article, and why."""

from collections.abc import Sequence

from bot import logs
from bot.errors import FilterError
from bot.filters import matching as language
from bot.filters.matching import Filter, Prepared
from bot.model import Filters, FilterScope, Readable, Rejection

log = logs.get(__name__)

EVERYTHING = Filter()


def judge(article: Readable, filters: Sequence[Filters]) -> Sequence[Rejection | None]:
    """A `Judge`. The topic's filter comes before the source's.

    A stored filter that cannot be read, as after going back to an older version, wants everything: a feed does not
    stop for it.
    """
    prepared = Prepared(article)
    known: dict[Filters, Rejection | None] = {}
    for each in filters:
        if each not in known:
            known[each] = _judged(prepared, each)
    return [known[each] for each in filters]


def _judged(article: Prepared, filters: Filters) -> Rejection | None:
    for scope, text in ((FilterScope.TOPIC, filters.topic), (FilterScope.SOURCE, filters.source)):
        if text:
            decision = stored(text).decide(article)
            if not decision.wanted:
                return Rejection(scope, decision.term, decision.found)
    return None


def stored(text: str | None) -> Filter:
    """A filter that was checked before it was stored."""
    try:
        return language.parse_kept(text or "")
    except FilterError as error:
        log.error("a stored filter cannot be read; everything passes it", filter=text, error=error.problem)
        return EVERYTHING
