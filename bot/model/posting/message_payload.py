"""The body of a message as it is planned, stored and sent: read from JSON once, written to JSON once."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

Embed = dict[str, Any]
"""In the form of Discord's API."""
ComponentRow = dict[str, Any]
"""A row of buttons or with a menu, in the form of Discord's API."""


@dataclass(frozen=True, slots=True)
class ForumStart:
    """With what name and tags the message begins a post in a forum."""

    name: str
    tags: tuple[int, ...] = ()
    others: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        others = dict(stored)
        return cls(others.pop("name"), tuple(others.pop("tags", ())), others)

    def to_dict(self) -> dict[str, Any]:
        return {**self.others, "name": self.name, "tags": list(self.tags)}


@dataclass(frozen=True, slots=True)
class WebhookIdentity:
    """Under what name and picture a webhook posts the message."""

    username: str
    avatar_url: str | None = None
    others: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        others = dict(stored)
        return cls(others.pop("username"), others.pop("avatar_url", None), others)

    def to_dict(self) -> dict[str, Any]:
        return {**self.others, "username": self.username, "avatar_url": self.avatar_url}


@dataclass(frozen=True, slots=True)
class ThreadStart:
    """What the thread is called that is made under the message once it is posted."""

    name: str
    others: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        others = dict(stored)
        return cls(others.pop("name"), others)

    def to_dict(self) -> dict[str, Any]:
        return {**self.others, "name": self.name}


@dataclass(frozen=True, slots=True)
class MessagePayload:
    """All that is sent of a message but its nonce, and what is done with it after that.

    Payloads are compared by value, and equal payloads give equal JSON. Embeds and rows are never changed in place.
    """

    embeds: tuple[Embed, ...] = ()
    content: str | None = None
    mention: int | None = None
    """The only role that the message may mention."""
    components: tuple[ComponentRow, ...] | None = None
    """Empty where an edit takes all rows away; None where the message never had any."""
    forum: ForumStart | None = None
    webhook: WebhookIdentity | None = None
    thread: ThreadStart | None = None
    publish: bool = False
    """It is published to following servers once it is posted."""
    silent: bool = False
    """It pushes nothing to a phone or desktop."""
    numbered: bool = False
    """A number in its footer tells it from every other message."""
    others: Mapping[str, Any] = field(default_factory=dict)
    """What another version stored besides; kept as it is."""

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The payload of a stored text. Of what is not kept any more, the text is empty, and so is the payload.

        Raises:
            ValueError: the text is no JSON object, or not one of a message.
        """
        if not text:
            return cls()
        body = json.loads(text)
        try:
            forum, webhook, thread = (body.pop(key, None) for key in ("forum", "webhook", "thread"))
            components = body.pop("components", None)
            return cls(
                embeds=tuple(body.pop("embeds", ())),
                content=body.pop("content", None),
                mention=body.pop("mention", None),
                components=None if components is None else tuple(components),
                forum=None if forum is None else ForumStart.from_dict(forum),
                webhook=None if webhook is None else WebhookIdentity.from_dict(webhook),
                thread=None if thread is None else ThreadStart.from_dict(thread),
                publish=body.pop("publish", False),
                silent=body.pop("silent", False),
                numbered=body.pop("numbered", False),
                others=body,
            )
        except (AttributeError, KeyError, TypeError) as error:
            raise ValueError(f"The stored text is not a message's payload: {type(error).__name__}: {error}") from error

    def to_dict(self) -> dict[str, Any]:
        """The body as it is written to JSON, without what the message does not have."""
        parts = {
            "content": self.content,
            "mention": self.mention,
            "components": None if self.components is None else list(self.components),
            "forum": self.forum and self.forum.to_dict(),
            "webhook": self.webhook and self.webhook.to_dict(),
            "thread": self.thread and self.thread.to_dict(),
            "publish": self.publish or None,
            "silent": self.silent or None,
            "numbered": self.numbered or None,
        }
        present = {key: value for key, value in parts.items() if value is not None}
        return {**self.others, "embeds": list(self.embeds), **present}

    def to_json(self) -> str:
        """The text that is stored: equal payloads give equal text."""
        return json.dumps(self.to_dict(), ensure_ascii=False, separators=(",", ":"), sort_keys=True)

    @property
    def has_nonce(self) -> bool:
        """Whether Discord knows a repeat of this message by its nonce; forum posts and webhooks have none."""
        return self.forum is None and self.webhook is None
