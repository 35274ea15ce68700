"""A message without the addresses that Discord refused, so that a picture or a link costs itself and not its article. Pure."""

from collections.abc import Iterator
from dataclasses import replace

from bot.excerpts import discord_limits, links
from bot.messages import embed_addresses, embed_packing
from bot.model import Embed, MessagePayload, SendKind, SendResult

INVALID_FORM = 50035
_PARTS = (
    ("url",),
    ("image", "url"),
    ("thumbnail", "url"),
    ("author", "url"),
    ("author", "icon_url"),
    ("footer", "icon_url"),
)

Path = tuple[str, ...]


def without_refused(payload: MessagePayload, result: SendResult, *, single: bool) -> MessagePayload | None:
    """The message without the addresses that Discord's refusal names; None where it names none that the message has.

    A refusal that names no part at all may be about any: then a message of one article goes without all of them.

    Args:
        single: the message shows one article.
    """
    if result.kind is not SendKind.REFUSED or result.code not in {None, INVALID_FORM}:
        return None
    found = list(_addresses(payload))
    if result.named:
        named = [_path(each) for each in result.named]
        refused = [path for path in found if any(path[: len(each)] == each for each in named)]
    else:
        refused = found if single else []
    if not refused:
        return None
    for path in refused:
        payload = _without(payload, path)
    return payload


def _path(named: str) -> Path:
    """As `_addresses` writes it; a forum's post has its message one level down."""
    parts = tuple(named.removeprefix("message.").split("."))
    return ("webhook", *parts) if parts == ("avatar_url",) else parts


def _addresses(payload: MessagePayload) -> Iterator[Path]:
    for place, embed in enumerate(payload.embeds):
        for path in _PARTS:
            holder = embed if len(path) == 1 else embed.get(path[0]) or {}
            if holder.get(path[-1]):
                yield ("embeds", str(place), *path)
    if payload.webhook is not None and payload.webhook.avatar_url:
        yield ("webhook", "avatar_url")


def _without(payload: MessagePayload, path: Path) -> MessagePayload:
    if path[0] == "webhook":
        assert payload.webhook is not None
        return replace(payload, webhook=replace(payload.webhook, avatar_url=None))
    embeds, place = list(payload.embeds), int(path[1])
    embed = dict(embeds[place])
    if path[2:] == ("url",):
        link = embed.pop("url")
        room = discord_limits.EMBEDS_TOTAL - sum(map(embed_packing.size, embeds))
        embed = _with_link(embed, link, room)
    elif path[2] in {"image", "thumbnail"}:
        del embed[path[2]]
    else:
        embed[path[2]] = {key: value for key, value in embed[path[2]].items() if key != path[3]}
    embeds[place] = embed
    return replace(payload, embeds=tuple(embeds))


def _with_link(embed: Embed, link: str, room: int) -> Embed:
    """Where its title cannot be a link, a reader finds it in the text."""
    address = embed_addresses.readable(link)
    if address is None:
        return embed
    before = embed.get("description") or ""
    text = "\n\n".join(part for part in (before, links.bare(address)) if part)
    fits = discord_limits.units(text) <= discord_limits.EMBED_DESCRIPTION and len(text) - len(before) <= room
    return embed | {"description": text} if fits else embed
