"""Whether a message in a channel's history is the post whose outcome is not known."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bot.model import MessagePayload


def same_post(
    payload: MessagePayload, message_embeds: Sequence[Mapping[str, Any]], *, canonical: Callable[[str], str]
) -> bool:
    """Whether the message shows the same articles in the same order.

    Args:
        payload: what was stored to be sent.
        message_embeds: the message's embeds as the API gives them. Discord shortens and trims what it keeps,
            so only addresses and, where there is none, titles are compared.
        canonical: brings two spellings of one address to the same text (`urls.canonical`).
    """
    planned = payload.embeds
    if not planned or len(planned) != len(message_embeds):
        return False
    return all(_same(ours, theirs, canonical) for ours, theirs in zip(planned, message_embeds, strict=True))


def same_notice(payload: MessagePayload, message_embeds: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the message is this notice or digest: two of them may have one title, but never one number in the footer."""
    ours = [_words((embed.get("footer") or {}).get("text")) for embed in payload.embeds]
    return bool(ours) and ours == [_words((embed.get("footer") or {}).get("text")) for embed in message_embeds]


def same_digest(payload: MessagePayload, message_embeds: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the message is this digest: those of a topic have one title, but each a moment and a part of its own."""
    ours = [_marks(embed) for embed in payload.embeds]
    return bool(ours) and ours == [_marks(embed) for embed in message_embeds]


def _marks(embed: Mapping[str, Any]) -> tuple[str, str, datetime | None]:
    said = embed.get("timestamp")
    moment = datetime.fromisoformat(said).astimezone(UTC).replace(microsecond=0) if said else None
    return _words(embed.get("title")), _words((embed.get("footer") or {}).get("text")), moment


def _same(ours: Mapping[str, Any], theirs: Mapping[str, Any], canonical: Callable[[str], str]) -> bool:
    if ours.get("url") and theirs.get("url"):
        return canonical(str(ours["url"])) == canonical(str(theirs["url"]))
    if ours.get("url") or theirs.get("url"):
        return False
    return bool(ours.get("title")) and _words(ours["title"]) == _words(theirs.get("title"))


def _words(text: object) -> str:
    return " ".join(str(text or "").split())
