"""The values that travel through Riverpost, named by their place in the flow.

Every datetime is timezone-aware and in UTC. Every value is frozen: a stage hands the next one
a new value. The flow itself is described in docs/architecture.md.
"""

from bot.model.edit import Change, Revision
from bot.model.fate import Fate, FateKind, Message, Traced
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
from bot.model.filtering import Filters, FilterScope, FilterSet, Judge, LeftOut, Readable, Text, wants_all
from bot.model.followup import FollowUp, FollowUpKind
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
from bot.model.reading import Page, Saved, SavedPage, Scope, Stretch
from bot.model.story import Story
from bot.model.topic import Article, SourceStatus, Topic, TopicOptions, TopicSummary

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
    "FailedPage",
    "FailingFeed",
    "FailureKind",
    "Fate",
    "FateKind",
    "FeedDue",
    "FeedOutcome",
    "FeedRequest",
    "FeedState",
    "FetchFailed",
    "FetchResult",
    "Fetched",
    "FilterScope",
    "FilterSet",
    "Filters",
    "FollowUp",
    "FollowUpKind",
    "HeldChannel",
    "HoldKind",
    "Identified",
    "Judge",
    "KnownEntry",
    "LeftOut",
    "LostFeed",
    "Meeting",
    "Message",
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
    "Readable",
    "Recognised",
    "Revision",
    "Saved",
    "SavedPage",
    "Scope",
    "SendKind",
    "SendResult",
    "SourceStatus",
    "Story",
    "Stretch",
    "Tag",
    "Text",
    "Timetable",
    "Topic",
    "TopicOptions",
    "TopicSummary",
    "Traced",
    "Trouble",
    "TroubleKind",
    "wants_all",
]
