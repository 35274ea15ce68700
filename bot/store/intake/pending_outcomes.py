"""Outcomes of polls on their way into the database: whole or in parts, with what was decided of them before."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.config.settings import LimitsSettings
from bot.model import FeedOutcome, Filters, Judge, MatchedEntry
from bot.store.intake.filter_verdicts import Reasons, Verdicts


@dataclass(frozen=True, slots=True)
class Rules:
    """What decides what is posted of a poll, beside the topics themselves."""

    backfill: int
    """Sample articles where a topic does not say."""
    judge: Judge
    limits: LimitsSettings


@dataclass(frozen=True, slots=True)
class Plan:
    """What was decided of an outcome before it is stored: what filters say, and of very many articles which are posted."""

    verdicts: Verdicts
    ordered: tuple[MatchedEntry, ...]
    """All of its new articles, the newest first, also where only a part of them is stored now."""
    reasons: dict[Filters, Reasons] = field(default_factory=dict)
    """Made once, and used by all parts."""
    formers: dict[tuple[tuple[int, ...], Filters], Reasons] = field(default_factory=dict)
    """The same for topics that came from other feeds, by these."""

    def why(self, filters: Filters, limit: int) -> Reasons:
        """Why each article is skipped in topics with these filters."""
        if filters not in self.reasons:
            self.reasons[filters] = self.verdicts.reasons(filters, self.ordered, limit=limit)
        return self.reasons[filters]


@dataclass(frozen=True, slots=True)
class Work:
    """An outcome to be stored, whole or in part."""

    outcome: FeedOutcome
    plan: Plan | None = None
    part: bool = False
    """Only these articles and their deliveries; what the poll says of the feed comes with the last part."""
    insist: bool = False
    """Filters without a verdict are asked inside of the transaction, however long that takes."""

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is written but the times of polls."""
        outcome = self.outcome
        return outcome.only_times and not outcome.listed and not outcome.formers and outcome.moved_to is None

    @property
    def weight(self) -> int:
        """Articles that it writes."""
        if not self.outcome.listed:
            return 0
        return sum(1 for item in self.outcome.listed if item.known_id is None or item.changed)

    @property
    def all_new(self) -> Sequence[MatchedEntry]:
        """What is new of the whole outcome, also where only a part is stored now."""
        return self.outcome.new if self.plan is None else self.plan.ordered


class UnjudgedError(Exception):
    """The outcome is too much for one transaction: filters have to be asked first. Nothing of it was stored."""
