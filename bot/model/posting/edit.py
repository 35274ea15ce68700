"""A posted message that is to be written anew."""

from dataclasses import dataclass
from datetime import datetime

from bot.model.posting.message_payload import MessagePayload
from bot.model.posting.post import Delivery


@dataclass(frozen=True, slots=True)
class Change:
    """One article of the message, as it is stored now."""

    place: int
    """Of its embed in the message, from 0."""
    delivery: Delivery
    stamp: int
    """Which state of the article this is; a later change has a higher one."""
    corrected: bool = False
    """Its title or text changed, and it was not corrected too often yet."""


@dataclass(frozen=True, slots=True)
class Revision:
    """A message with the articles in it that changed."""

    post_id: int
    channel_id: int
    guild_id: int
    message_id: int
    payload: MessagePayload
    """What the message shows now."""
    size: int
    """Deliveries in it."""
    changes: tuple[Change, ...]
    attempts: int
    requested_at: datetime
