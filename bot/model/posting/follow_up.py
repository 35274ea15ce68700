"""What is done with a message once it is posted."""

import enum
from dataclasses import dataclass
from datetime import datetime


class FollowUpKind(enum.StrEnum):
    """Each is done once a message. Discord says so if it was done already, so repeating one does no harm."""

    PUBLISH = "publish"
    """Publish it to the servers that follow its announcement channel (a crosspost)."""
    THREAD = "thread"
    """Make a thread under it."""


@dataclass(frozen=True, slots=True)
class FollowUp:
    """One that is due."""

    id: int
    kind: FollowUpKind
    channel_id: int
    guild_id: int
    message_id: int
    name: str
    """The thread's; empty for others."""
    attempts: int
    requested_at: datetime
