"""What a guild's admins read when something is wrong, and when it is well again. Pure: from troubles to a message's bytes."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from bot.delivery import escape, limits
from bot.model import Ended, HoldKind, Trouble, TroubleKind

WRONG, WELL, NEUTRAL = 0xB3261E, 0x2E7D32, 0x2F6F9F
MOST = 10
"""Troubles that one notice names one by one."""
BUTTON, SECONDARY, PRIMARY, DANGER = 2, 2, 1, 4
ALL = 0
"""In a button's id: all that is wrong of this kind, instead of one channel or source."""

Component = dict[str, Any]


def custom_id(action: str, guild_id: int, subject: int) -> str:
    """What a button carries, so that it works after a restart and in a private message."""
    return f"riverpost:{action}:{guild_id}:{subject}"


def payload(troubles: Sequence[Trouble], *, number: str) -> str:
    """The notice of troubles of one kind in one guild, as they are now.

    Args:
        number: what tells this notice from every other, stands in its footer.
    """
    first = troubles[0]
    lasting = [each for each in troubles if each.ended is None]
    lines = [_line(each) for each in troubles[:MOST]]
    if len(troubles) > MOST:
        lines.append(f"… and {len(troubles) - MOST} more: `/status overview` and `/sources` show them all.")
    if lasting:
        lines.append(_advice(lasting))
    embed = {
        "title": _title(first.kind, lasting, len(troubles)),
        "description": limits.clip("\n\n".join(lines), 4000),
        "color": NEUTRAL if first.kind is TroubleKind.ARCHIVE else WRONG if lasting else WELL,
        "footer": {"text": f"Notice {number}"},
    }
    rows = [{"type": 1, "components": buttons}] if (buttons := _buttons(lasting)) else []
    return json.dumps(
        {"embeds": [embed], "components": rows}, ensure_ascii=False, separators=(",", ":"), sort_keys=True
    )


def _title(kind: TroubleKind, lasting: Sequence[Trouble], count: int) -> str:
    if kind is TroubleKind.ARCHIVE:
        return "Old articles were not posted"
    if not lasting:
        return "Well again" if kind is TroubleKind.CHANNEL else "Settled"
    if kind is TroubleKind.CHANNEL:
        return "I cannot post in a channel" if count == 1 else f"I cannot post in {count} channels"
    if kind is TroubleKind.GONE:
        return "A source is gone" if count == 1 else f"{count} sources are gone"
    return "A source has failed for a day" if count == 1 else f"{count} sources have failed for a day"


def _line(trouble: Trouble) -> str:
    return _LINES[trouble.kind](trouble)


def _channel(trouble: Trouble) -> str:
    where = f"<#{trouble.subject}> ({_topics(trouble)})" if trouble.topics else f"<#{trouble.subject}>"
    if trouble.ended is Ended.WELL:
        return f"✅ {where}: I can post again. What waited comes now."
    if trouble.ended is not None:
        return f"✅ {where}: no topic uses it any more."
    waiting = f"{trouble.articles:,} article{'' if trouble.articles == 1 else 's'}"
    return f"⚠️ {where}: {_plain(trouble.reason)}. {waiting} wait{'s' if trouble.articles == 1 else ''}, since {_when(trouble.since, 'R')}."


def _feed(trouble: Trouble) -> str:
    where = f"**{_plain(trouble.name)}** ({_topics(trouble)})" if trouble.topics else f"**{_plain(trouble.name)}**"
    if trouble.ended is not None:
        return _settled(where, trouble.ended)
    good = (
        f"The last good answer came {_when(trouble.last_good_at, 'f')}."
        if trouble.last_good_at
        else "It has never worked."
    )
    return f"⚠️ {where}: {_plain(trouble.reason) or 'it gave no reason.'}\n{good}"


def _gone(trouble: Trouble) -> str:
    where = f"**{_plain(trouble.name)}** ({_topics(trouble)})" if trouble.topics else f"**{_plain(trouble.name)}**"
    if trouble.ended is not None:
        return _settled(where, trouble.ended)
    return f"⛔ {where}: its host says that it was removed for good."


def _archive(trouble: Trouble) -> str:
    return (
        f"**{_plain(trouble.name)}** put {trouble.articles:,} old articles into its feed at once. They were not posted, "
        "so that nobody is flooded; `/latest` and `/search` find them. New articles come as always."
    )


_LINES: dict[TroubleKind, Callable[[Trouble], str]] = {
    TroubleKind.CHANNEL: _channel,
    TroubleKind.FEED: _feed,
    TroubleKind.GONE: _gone,
    TroubleKind.ARCHIVE: _archive,
}


def _settled(where: str, how: Ended) -> str:
    words = {
        Ended.WELL: "✅ {}: it works again.",
        Ended.PAUSED: "⏸️ {}: it is paused; `/source resume` goes on.",
        Ended.GONE: "⛔ {}: it is gone for good.",
        Ended.DROPPED: "✅ {}: nothing follows it any more.",
    }
    return words[how].format(where)


def _advice(lasting: Sequence[Trouble]) -> str:
    """What to do, once for each way in which it is to be mended."""
    kind = lasting[0].kind
    if kind is TroubleKind.FEED:
        return "**What to do:** look whether the address still works in a browser. I keep trying, ever more seldom; nothing that the feed still lists when it is back is lost."
    if kind is TroubleKind.GONE:
        return "**What to do:** if it moved, follow its new address with `/subscribe`, and unsubscribe this one."
    if kind is TroubleKind.ARCHIVE:
        return ""
    holds = {each.hold for each in lasting}
    ways = []
    if HoldKind.ACCESS in holds:
        ways.append("open the channel's settings → Permissions, add me, and allow what I lack")
    if HoldKind.GONE in holds:
        ways.append("give the topic another channel with `/topic edit`")
    if HoldKind.LOCKED in holds:
        ways.append("unlock the thread, or give the topic another channel with `/topic edit`")
    way = "; ".join(ways) or "nothing, it should pass by itself"
    return f"**What to do:** {way}. Nothing is lost: I try again by myself, at least every hour."


def _buttons(lasting: Sequence[Trouble]) -> list[Component]:
    if not lasting or lasting[0].kind is TroubleKind.ARCHIVE:
        return []
    guild_id, kind = lasting[0].guild_id, lasting[0].kind
    subject = lasting[0].subject if len(lasting) == 1 else ALL
    if kind is TroubleKind.CHANNEL:
        return [_button("Try again", PRIMARY, custom_id("probe", guild_id, subject))]
    retry = _button("Retry" if subject else "Retry all", PRIMARY, custom_id("retry", guild_id, subject))
    if subject == ALL:
        return [retry]
    buttons = [retry]
    if kind is TroubleKind.FEED:
        buttons.append(_button("Pause", SECONDARY, custom_id("pause", guild_id, subject)))
    return [*buttons, _button("Unsubscribe", DANGER, custom_id("unsubscribe", guild_id, subject))]


def _button(label: str, style: int, identity: str) -> Component:
    return {"type": BUTTON, "style": style, "label": label, "custom_id": identity}


def _topics(trouble: Trouble) -> str:
    return ", ".join(_plain(name, 60) for name in trouble.topics[:5])


def _when(moment: datetime, style: str) -> str:
    return f"<t:{int(moment.timestamp())}:{style}>"


def _plain(text: str, limit: int = 200) -> str:
    return escape.escape(escape.clean(limits.clip(" ".join(text.split()), limit)))
