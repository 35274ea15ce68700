"""What the filters of topics and sources say of a poll's articles, asked before anything of the poll is stored.

Hundreds of filters may judge thousands of articles, so this is done outside of any transaction, a few milliseconds at
a time. Inside of one only few are asked: for usual polls, and where a filter was changed at the last moment.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.model import Filters, Judge, MatchedEntry, ProblemKind, Readable

UNFILTERED = Filters()
MICROSECONDS_AT_ONCE = 5_000
"""How long filters are asked before others get their turn, about."""
MICROSECONDS_IN_TRANSACTION = 20_000
"""How long filters may be asked inside of a transaction, about."""
MAX_JUDGED = 50_000
"""Of one poll. Beyond it, a filter that let as many through as are posted is not asked about older articles."""
FILTERS_AT_ONCE = 16
_CHARACTERS_A_MICROSECOND = 5_000
"""Of the article's text, for each character of the filter."""

Reasons = Mapping[str, str | None]
"""By uid, why an article is skipped; None where nothing speaks against it."""


def microseconds(article: Readable, filters: Filters) -> int:
    """What asking costs, about."""
    length = len(filters.topic or "") + len(filters.source or "")
    return 30 + length * (len(article.text) + len(article.title)) // _CHARACTERS_A_MICROSECOND


def judgeable(items: Iterable[MatchedEntry]) -> list[MatchedEntry]:
    """Those of a document that filters are asked about: what is skipped for what it is needs no verdict."""
    return [item for item in items if item.skip_reason is None]


def newest_first(items: Iterable[MatchedEntry]) -> list[MatchedEntry]:
    """By date where all have one, else as listed from the top."""
    ordered = sorted(items, key=lambda item: item.entry.position)
    if all(item.entry.published_at for item in ordered):
        ordered.sort(
            key=lambda item: item.entry.published_at.timestamp() if item.entry.published_at else 0, reverse=True
        )
    return ordered


@dataclass(slots=True)
class Verdicts:
    """The reasons for which filters do not want articles of one feed, by uid. What is missing was not judged."""

    of: dict[Filters, dict[str, str | None]] = field(default_factory=dict)

    def missing(self, filters: Filters, uids: Iterable[str]) -> list[str]:
        """Those of the articles that these filters were not asked about."""
        if not filters:
            return []
        known = self.of.get(filters, {})
        return [uid for uid in uids if uid not in known]

    def ask(self, judge: Judge, article: Readable, uid: str, filters: Sequence[Filters]) -> None:
        """Judge one article, at once."""
        for each, out in zip(filters, judge(article, filters), strict=True):
            self.of.setdefault(each, {})[uid] = out.reason if out is not None else None

    async def ask_all(
        self, judge: Judge, articles: Sequence[tuple[str, Readable]], filters: Sequence[Filters], *, limit: int
    ) -> None:
        """Judge articles, newest first, and let others go on meanwhile.

        Args:
            limit: how many of them are posted at most. Of very many, those behind as many are a flood unjudged.
        """
        spent = judged = 0
        for each in filters:
            self.of.setdefault(each, {})
        open_ = list(filters)
        passed = dict.fromkeys(filters, 0)
        for uid, article in articles:
            if judged > MAX_JUDGED:
                for each in [each for each in open_ if passed[each] >= limit]:
                    open_.remove(each)
            for each in filters:
                if each not in open_:
                    self.of[each][uid] = ProblemKind.FLOOD
            for start in range(0, len(open_), FILTERS_AT_ONCE):
                few = open_[start : start + FILTERS_AT_ONCE]
                self.ask(judge, article, uid, few)
                judged += len(few)
                spent += sum(microseconds(article, each) for each in few)
                if spent > MICROSECONDS_AT_ONCE:
                    spent = 0
                    await asyncio.sleep(0)
            for each in open_:
                passed[each] += self.of[each][uid] is None

    def reasons(self, filters: Filters, ordered: Sequence[MatchedEntry], *, limit: int) -> Reasons:
        """Why each of a poll's new articles is skipped in a topic with these filters: for what it is, a filter, the flood.

        Args:
            ordered: the new articles, newest first.
            limit: how many are posted; of more, the newest.
        """
        known = self.of.get(filters, {})
        found: dict[str, str | None] = {}
        room = limit
        for item in ordered:
            reason = item.skip_reason or known.get(item.uid)
            if reason is None:
                room -= 1
                reason = None if room >= 0 else ProblemKind.FLOOD
            found[item.uid] = reason
        return found
