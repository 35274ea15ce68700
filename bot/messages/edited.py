"""A posted message written anew: only what changed is other than before, and the whole stays within Discord's limits. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bot.excerpts import discord_limits, links
from bot.messages import also_in, embed_packing, save_buttons
from bot.model import Delivery, Embed, MessagePayload, Revision

Draw = Callable[[Delivery, int | None], Embed]
"""From an article, and about how many characters its excerpt may have at most, to its embed. None: as its topic says."""

EXCERPTS = (None, 250, 150, 80, 40, 20)
"""Tried in turn where a message is full."""


@dataclass(frozen=True, slots=True)
class Revised:
    """What a message is to show."""

    payload: MessagePayload
    """Equal to the revision's where nothing is to be done."""
    corrected: frozenset[int] = frozenset()
    """The deliveries whose title or excerpt is another."""


def revised(revision: Revision, draw: Draw) -> Revised:
    """The message with what was corrected in it, and with the other sources of its stories as they are known now.

    Only a change of a title or an excerpt that a reader sees is a correction. Where embeds and articles do not match
    any more, as after two feeds became one, the message is left alone.
    """
    embeds = list(revision.payload.embeds)
    if len(embeds) != revision.size:
        return Revised(revision.payload)
    corrected = set()
    for change in revision.changes:
        shown = embeds[change.place]
        room = discord_limits.EMBEDS_TOTAL - sum(map(embed_packing.size, embeds)) + embed_packing.size(shown)
        others = [each for each in embeds if each is not shown]
        drawn = _with_own_url(_within(room, change.delivery, draw), shown, others, room)
        if change.corrected and _words(drawn) != _words(shown):
            embeds[change.place] = drawn
            corrected.add(change.delivery.id)
        elif not also_in.named_in(shown, change.delivery.also):
            named = shown | {"footer": draw(change.delivery, None)["footer"]}
            embeds[change.place] = named if embed_packing.size(named) <= room else drawn
    rows = revision.payload.components
    if corrected and rows:
        articles = [change.delivery.article for change in revision.changes if change.delivery.id in corrected]
        rows = save_buttons.renamed(rows, {article.entry_id: save_buttons.name_of(article) for article in articles})
    return Revised(replace(revision.payload, embeds=tuple(embeds), components=rows), frozenset(corrected))


def _with_own_url(drawn: Embed, shown: Embed, others: Sequence[Embed], room: int) -> Embed:
    """The embed with a url that no other of its message has: of those that share one, readers see the first alone.

    Where its new link is another's, it keeps the former one; where that is another's too, the link stands in its text.
    """
    taken = {embed_packing.url_key(each) for each in others} - {None}
    if embed_packing.url_key(drawn) not in taken:
        return drawn
    if embed_packing.url_key(shown) not in {None, *taken}:
        return drawn | {"url": shown["url"]}
    apart = {key: value for key, value in drawn.items() if key != "url"}
    text = "\n\n".join(part for part in (drawn.get("description"), links.bare(str(drawn["url"]))) if part)
    with_link = apart | {"description": text}
    fits = discord_limits.length(text) <= discord_limits.EMBED_DESCRIPTION and embed_packing.size(with_link) <= room
    return with_link if fits else apart


def _words(embed: Embed) -> tuple[object, object]:
    return embed.get("title"), embed.get("description")


def _within(room: int, delivery: Delivery, draw: Draw) -> Embed:
    """The embed with as much of its excerpt as there is room for; at the least its title, cut."""
    for length in EXCERPTS:
        drawn = draw(delivery, length)
        if embed_packing.size(drawn) <= room:
            return drawn
    drawn = {key: value for key, value in drawn.items() if key != "description"}
    if embed_packing.size(drawn) > room:
        drawn.pop("footer", None)
    if embed_packing.size(drawn) > room:
        for_title = room - embed_packing.size(drawn | {"title": ""})
        drawn["title"] = discord_limits.clip(str(drawn["title"]), for_title).removesuffix("\\")
    return drawn
