"""The values that travel through Riverpost, named by their place in the flow.

Every datetime is timezone-aware and in UTC. Every value is frozen: a stage hands the next one
a new value. The flow itself is described in docs/architecture.md.
"""

from bot.model.edit import Change, Revision
from bot.model.feed import Enclosure, Entry, EntryKeys, FeedState, ParsedFeed
from bot.model.fetch import CacheHints, FailureKind, FeedRequest, Fetched, FetchFailed, FetchResult, NotModified
from bot.model.poll import FeedDue, FeedOutcome, Identified, KnownEntry, LostFeed, PollKind, Recognised
from bot.model.post import ChannelWork, Delivery, DeliveryState, Post, PostPlan, PostState, SendKind, SendResult
from bot.model.story import Story
from bot.model.topic import Article, Page, SourceStatus, Topic, TopicSummary

__all__ = [
    "Article",
    "CacheHints",
    "Change",
    "ChannelWork",
    "Delivery",
    "DeliveryState",
    "Enclosure",
    "Entry",
    "EntryKeys",
    "FailureKind",
    "FeedDue",
    "FeedOutcome",
    "FeedRequest",
    "FeedState",
    "FetchFailed",
    "FetchResult",
    "Fetched",
    "Identified",
    "KnownEntry",
    "LostFeed",
    "NotModified",
    "Page",
    "ParsedFeed",
    "PollKind",
    "Post",
    "PostPlan",
    "PostState",
    "Recognised",
    "Revision",
    "SendKind",
    "SendResult",
    "SourceStatus",
    "Story",
    "Topic",
    "TopicSummary",
]
