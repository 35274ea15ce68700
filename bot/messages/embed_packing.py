"""How many articles fit into one message, counted as Discord counts."""

from collections.abc import Mapping, Sequence
from typing import Any

from yarl import URL

from bot.excerpts import discord_limits


def size(embed: Mapping[str, Any]) -> int:
    """What an embed, in the form of the API, counts towards the 6000 of its message."""
    total = _of(embed, "title") + _of(embed, "description")
    total += _of(embed.get("footer") or {}, "text") + _of(embed.get("author") or {}, "name")
    return total + sum(_of(field, "name") + _of(field, "value") for field in embed.get("fields") or ())


def fit(sizes: Sequence[int]) -> int:
    """How many of the first embeds go into one message by size; at least 1 if there is any, so that none blocks the rest."""
    total = 0
    for count, one in enumerate(sizes[: discord_limits.EMBEDS_PER_MESSAGE]):
        total += one
        if total > discord_limits.EMBEDS_TOTAL:
            return max(1, count)
    return min(len(sizes), discord_limits.EMBEDS_PER_MESSAGE)


def fit_together(embeds: Sequence[Mapping[str, Any]]) -> int:
    """How many of the first embeds go into one message so that a reader sees all of them; at least 1 if there is any.

    Of embeds that share a url, Discord's clients show the first alone.
    """
    return min(fit([size(embed) for embed in embeds]), _before_repeated_url(embeds))


def repeats_url(embeds: Sequence[Mapping[str, Any]]) -> bool:
    """Whether two embeds of a message share a url, so that readers would not see one of them."""
    return _before_repeated_url(embeds) < len(embeds)


def url_key(embed: Mapping[str, Any]) -> str | None:
    """An embed's url in one of its spellings, as Discord may bring it to; None where it has none."""
    link = embed.get("url")
    if not link:
        return None
    try:
        return str(URL(link))
    except ValueError:
        return str(link)


def _before_repeated_url(embeds: Sequence[Mapping[str, Any]]) -> int:
    seen: set[str] = set()
    for count, embed in enumerate(embeds):
        key = url_key(embed)
        if key is not None and key in seen:
            return count
        if key is not None:
            seen.add(key)
    return len(embeds)


def _of(part: Mapping[str, Any], key: str) -> int:
    return discord_limits.length(str(part.get(key) or ""))
