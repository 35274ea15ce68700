"""The line that names the other sources of a story. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.delivery import escape, limits

MOST_NAMES = 3
NAME_LENGTH = 60


def with_sources(embed: Mapping[str, Any], also: Sequence[str]) -> dict[str, Any]:
    """The embed with "also in …" at the end of its footer; as it is where no other source told the story."""
    if not also:
        return dict(embed)
    names = [limits.clip(" ".join(escape.clean(name).split()), NAME_LENGTH) for name in also]
    named = ", ".join(names[:MOST_NAMES])
    if len(names) > MOST_NAMES:
        named += f" and {len(names) - MOST_NAMES} more"
    footer = dict(embed.get("footer") or {})
    before = str(footer.get("text") or "")
    footer["text"] = f"{before} · also in {named}" if before else f"also in {named}"
    return dict(embed) | {"footer": footer}
