"""The values that travel through Riverpost, named by their place in the flow.

Every datetime is timezone-aware and in UTC. Every value is frozen: a stage hands the next one
a new value. The flow itself is described in docs/architecture.md.
"""

from bot.model.edit import Change, Revision
from bot.model.feed import EXCERPT, Enclosure, Entry, EntryKeys, FeedState, ParsedFeed, Timetable
from bot.model.fetch import (
    CacheHints,
    FailureKind,
    FeedRequest,
    Fetched,
    FetchFailed,
    FetchResult,
    NotModified,
    Postponed,
)
from bot.model.followup import FollowUp, FollowUpKind
from bot.model.importing import FailedItem, ImportItem, ImportReport, ItemState, NewItem, Tally
from bot.model.notice import Ended, HoldKind, Notice, Trouble, TroubleKind
from bot.model.operating import FailedArticle, FailedPage, FailingFeed, HeldChannel, Overview
from bot.model.place import ChannelKind, Place, Tag
from bot.model.poll import (
    NO_TIMETABLE,
    FeedDue,
    FeedOutcome,
    Identified,
    KnownEntry,
    LostFeed,
    Meeting,
    Pace,
    PollKind,
    Recognised,
)
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
from bot.model.statistics import WeeklySource
from bot.model.story import Story
from bot.model.topic import Article, Page, SourceStatus, Topic, TopicOptions, TopicSummary

__all__ = [
    "EXCERPT",
    "NO_TIMETABLE",
    "Article",
    "CacheHints",
    "Change",
    "ChannelKind",
    "ChannelWork",
    "Delivery",
    "DeliveryState",
    "Enclosure",
    "Ended",
    "Entry",
    "EntryKeys",
    "FailedArticle",
    "FailedItem",
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
    "FollowUp",
    "FollowUpKind",
    "HeldChannel",
    "HoldKind",
    "Identified",
    "ImportItem",
    "ImportReport",
    "ItemState",
    "KnownEntry",
    "LostFeed",
    "Meeting",
    "NewItem",
    "NotModified",
    "Notice",
    "Overview",
    "Pace",
    "Page",
    "ParsedFeed",
    "Place",
    "PollKind",
    "Post",
    "PostKind",
    "PostPlan",
    "PostState",
    "Postponed",
    "Recognised",
    "Revision",
    "SendKind",
    "SendResult",
    "SourceStatus",
    "Story",
    "Tag",
    "Tally",
    "Timetable",
    "Topic",
    "TopicOptions",
    "TopicSummary",
    "Trouble",
    "TroubleKind",
    "WeeklySource",
]
