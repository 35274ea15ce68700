"""A posted message written anew: only what changed is other than before, and the whole stays within Discord's limits. Pure."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.delivery import limits, pack, render
from bot.model import Delivery, Revision

Embed = dict[str, Any]
Draw = Callable[[Delivery, int], Embed]
"""From an article, and about how many characters its excerpt may have, to its embed."""

EXCERPTS = (350, 250, 150, 80, 40, 20)
"""Tried in turn where a message is full."""


@dataclass(frozen=True, slots=True)
class Revised:
    """What a message is to show."""

    payload: str
    """Equal to the revision's where nothing is to be done."""


def revised(revision: Revision, draw: Draw) -> Revised:
    """The message with the other sources of its stories named as they are known now.

    Where embeds and articles do not match any more, as after two feeds became one, the message is left alone.
    """
    body: dict[str, Any] = json.loads(revision.payload)
    embeds: list[Embed] = body["embeds"]
    if len(embeds) != revision.size:
        return Revised(revision.payload)
    for change in revision.changes:
        room = limits.EMBEDS_TOTAL - sum(pack.size(each) for each in embeds) + pack.size(embeds[change.place])
        drawn = draw(change.delivery, EXCERPTS[0])
        renamed = _with_footer_of(embeds[change.place], drawn)
        if renamed == embeds[change.place]:
            continue
        embeds[change.place] = renamed if pack.size(renamed) <= room else _within(room, change.delivery, draw)
    return Revised(render.canonical_json(body | {"embeds": embeds}))


def _with_footer_of(shown: Embed, drawn: Embed) -> Embed:
    kept = {key: value for key, value in shown.items() if key != "footer"}
    return kept | ({"footer": drawn["footer"]} if drawn.get("footer") else {})


def _within(room: int, delivery: Delivery, draw: Draw) -> Embed:
    """The embed with as much of its excerpt as there is room for; at the least its title, cut."""
    for length in EXCERPTS:
        drawn = draw(delivery, length)
        if pack.size(drawn) <= room:
            return drawn
    drawn = {key: value for key, value in drawn.items() if key != "description"}
    if pack.size(drawn) > room:
        drawn.pop("footer", None)
    if pack.size(drawn) > room:
        for_title = room - pack.size(drawn | {"title": ""})
        drawn["title"] = limits.clip(str(drawn["title"]), for_title).removesuffix("\\")
    return drawn
