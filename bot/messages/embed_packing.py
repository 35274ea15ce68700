"""How many articles fit into one message, counted as Discord counts."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.excerpts import discord_limits


def size(embed: Mapping[str, Any]) -> int:
    """What an embed, in the form of the API, counts towards the 6000 of its message."""
    total = _of(embed, "title") + _of(embed, "description")
    total += _of(embed.get("footer") or {}, "text") + _of(embed.get("author") or {}, "name")
    return total + sum(_of(field, "name") + _of(field, "value") for field in embed.get("fields") or ())


def fit(sizes: Sequence[int]) -> int:
    """How many of the first embeds go into one message; at least 1 if there is any, so that none blocks the rest."""
    total = 0
    for count, one in enumerate(sizes[: discord_limits.EMBEDS_PER_MESSAGE]):
        total += one
        if total > discord_limits.EMBEDS_TOTAL:
            return max(1, count)
    return min(len(sizes), discord_limits.EMBEDS_PER_MESSAGE)


def _of(part: Mapping[str, Any], key: str) -> int:
    return discord_limits.length(str(part.get(key) or ""))
