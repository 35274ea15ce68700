"""The line that names the other sources of a story. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.excerpts import discord_limits, escape
from bot.i18n.translation import _, many

MAX_NAMES = 3
NAME_LENGTH = 60


def line(also: Sequence[str]) -> str:
    """The words "also in …"; empty where there is nobody to name."""
    names = [discord_limits.clip(" ".join(escape.clean(name).split()), NAME_LENGTH) for name in also]
    if not names:
        return ""
    listed, more = ", ".join(names[:MAX_NAMES]), len(names) - MAX_NAMES
    if more > 0:
        return many("also in {names} and {n} more", "also in {names} and {n} more", more).format(names=listed)
    return _("also in {names}").format(names=listed)


def with_sources(embed: Mapping[str, Any], also: Sequence[str]) -> dict[str, Any]:
    """The embed with "also in …" at the end of its footer; as it is where no other source told the story."""
    if not also:
        return dict(embed)
    footer = dict(embed.get("footer") or {})
    footer["text"] = " · ".join(part for part in (footer.get("text"), line(also)) if part)
    return dict(embed) | {"footer": footer}


def named_in(embed: Mapping[str, Any], also: Sequence[str]) -> bool:
    """Whether the embed names these sources already."""
    text = str((embed.get("footer") or {}).get("text") or "")
    return text == line(also) or text.endswith(f" · {line(also)}") or not also
