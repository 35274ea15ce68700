"""The values that travel through Riverpost, named by their place in the flow.

Every datetime is timezone-aware and in UTC. Every value is frozen: a stage hands the next one
a new value. The flow itself is described in docs/architecture.md.
"""

from bot.model.feed import Enclosure, Entry, EntryKeys, FeedState, ParsedFeed
from bot.model.fetch import CacheHints, FailureKind, FeedRequest, Fetched, FetchFailed, FetchResult, NotModified
from bot.model.notice import Ended, HoldKind, Notice, Trouble, TroubleKind
from bot.model.operating import FailedArticle, FailedPage, FailingFeed, HeldChannel, Overview
from bot.model.poll import FeedDue, FeedOutcome, Identified, KnownEntry, PollKind, Recognised
from bot.model.post import (
    ChannelWork,
    Delivery,
    DeliveryState,
    Post,
    PostKind,
    PostPlan,
    PostState,
    SendKind,
    SendResult,
)
from bot.model.topic import Article, Page, SourceStatus, Topic, TopicSummary

__all__ = [
    "Article",
    "CacheHints",
    "ChannelWork",
    "Delivery",
    "DeliveryState",
    "Enclosure",
    "Ended",
    "Entry",
    "EntryKeys",
    "FailedArticle",
    "FailedPage",
    "FailingFeed",
    "FailureKind",
    "FeedDue",
    "FeedOutcome",
    "FeedRequest",
    "FeedState",
    "FetchFailed",
    "FetchResult",
    "Fetched",
    "HeldChannel",
    "HoldKind",
    "Identified",
    "KnownEntry",
    "NotModified",
    "Notice",
    "Overview",
    "Page",
    "ParsedFeed",
    "PollKind",
    "Post",
    "PostKind",
    "PostPlan",
    "PostState",
    "Recognised",
    "SendKind",
    "SendResult",
    "SourceStatus",
    "Topic",
    "TopicSummary",
    "Trouble",
    "TroubleKind",
]
