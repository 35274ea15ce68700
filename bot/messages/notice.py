"""What a guild's admins read when something is wrong, and when it is well again. Pure: from troubles to a message."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.excerpts import discord_limits, escape
from bot.i18n.translation import _, many, retold
from bot.i18n.translation import number as written
from bot.model import EVENTS, OF_FEEDS, WHOLE_SERVER, BlockReason, MessagePayload, Problem, ProblemKind, Resolution

WRONG, WELL, NEUTRAL = 0xB3261E, 0x2E7D32, 0x2F6F9F
MOST = 10
"""Troubles that one notice names one by one."""
_NEUTRAL_KINDS = frozenset({ProblemKind.ARCHIVE, *EVENTS})
BUTTON, SECONDARY, PRIMARY, DANGER = 2, 2, 1, 4
ALL = 0
"""In a button's id: all that is wrong of this kind, instead of one channel or source."""

Component = dict[str, Any]


def custom_id(action: str, guild_id: int, subject: int) -> str:
    """What a button carries, so that it works after a restart and in a private message."""
    return f"riverpost:{action}:{guild_id}:{subject}"


def payload(troubles: Sequence[Problem], *, number: str) -> MessagePayload:
    """The notice of troubles of one kind in one guild, as they are now.

    Args:
        number: what tells this notice from every other, stands in its footer.
    """
    first = troubles[0]
    lasting = [each for each in troubles if each.ended is None]
    lines = [_line(each) for each in troubles[:MOST]]
    if len(troubles) > MOST:
        more = many(
            "… and {n} more: `/status overview` and `/sources` show them all.",
            "… and {n} more: `/status overview` and `/sources` show them all.",
            len(troubles) - MOST,
        )
        lines.append(more)
    if lasting:
        lines.append(_advice(lasting))
    embed = {
        "title": _title(first.kind, lasting, len(troubles)),
        "description": discord_limits.clip("\n\n".join(lines), 4000),
        "color": NEUTRAL if first.kind in _NEUTRAL_KINDS else WRONG if lasting else WELL,
        "footer": {"text": _("Notice {number}").format(number=number)},
    }
    buttons = _buttons(lasting)
    return MessagePayload((embed,), components=({"type": 1, "components": buttons},) if buttons else ())


def _title(kind: ProblemKind, lasting: Sequence[Problem], count: int) -> str:
    if kind is ProblemKind.ARCHIVE:
        return _("Old articles were not posted")
    if lasting and kind in EVENTS:
        return _event_title(kind, count)
    if not lasting:
        return _("Well again") if kind is ProblemKind.CHANNEL else _("Settled")
    if kind is ProblemKind.CHANNEL:
        return many("I cannot post in a channel", "I cannot post in {n} channels", count)
    if kind is ProblemKind.GONE:
        return many("A source is gone", "{n} sources are gone", count)
    return many("A source has failed for a day", "{n} sources have failed for a day", count)


def _line(trouble: Problem) -> str:
    return _LINES[trouble.kind](trouble)


def _channel(trouble: Problem) -> str:
    where = f"<#{trouble.subject}> ({_topics(trouble)})" if trouble.topics else f"<#{trouble.subject}>"
    if trouble.ended is Resolution.WELL:
        return _("✅ {channel}: I can post again. What waited comes now.").format(channel=where)
    if trouble.ended is not None:
        return _("✅ {channel}: no topic uses it any more.").format(channel=where)
    return many(
        "⚠️ {channel}: {reason}. {n} article waits; it began {moment}.",
        "⚠️ {channel}: {reason}. {n} articles wait; it began {moment}.",
        trouble.articles,
    ).format(channel=where, reason=_plain(retold(trouble.reason)), moment=_when(trouble.since, "R"))


def _feed(trouble: Problem) -> str:
    where = _source(trouble)
    if trouble.ended is not None:
        return _settled(where, trouble.ended)
    good = (
        _("The last good answer came {moment}.").format(moment=_when(trouble.last_good_at, "f"))
        if trouble.last_good_at
        else _("It has never worked.")
    )
    if trouble.hidden:
        return _("⚠️ {source}: `/sources` says what is wrong.").format(source=where)
    return f"⚠️ {where}: {_plain(retold(trouble.reason)) or _('it gave no reason.')}\n{good}"


def _gone(trouble: Problem) -> str:
    where = _source(trouble)
    if trouble.ended is not None:
        return _settled(where, trouble.ended)
    return _("⛔ {source}: its host says that it was removed for good.").format(source=where)


def _archive(trouble: Problem) -> str:
    return _(
        "{source} put {count} old articles into its feed at once. They were not posted, "
        "so that nobody is flooded; `/latest` and `/search` find them. New articles come as always."
    ).format(
        source=_source(replace(trouble, topics=()) if not trouble.hidden else trouble), count=written(trouble.articles)
    )


def _flood(trouble: Problem) -> str:
    where = _source(trouble)
    if trouble.ended is not None:
        return _("✅ {source}: it brings no more at once than is posted.").format(source=where)
    return many(
        "🌊 {source} brings very many new articles at once. The newest of each time are posted; {n} was not, so that "
        "nobody is flooded. `/latest` and `/search` find it.",
        "🌊 {source} brings very many new articles at once. The newest of each time are posted; {n} were not, so that "
        "nobody is flooded. `/latest` and `/search` find them.",
        trouble.articles,
    ).format(source=where)


def _crowded(trouble: Problem) -> str:
    where = f"**{_topics(trouble)}**" if trouble.topics else _hidden_topic(trouble)
    if trouble.ended is Resolution.DROPPED:
        return _("✅ {topic}: it was deleted.").format(topic=where)
    if trouble.ended is not None:
        return _("✅ {topic}: no more waits than may.").format(topic=where)
    return many(
        "📚 {topic}: more articles wait than may. The oldest of them will not be posted: {n} so far. "
        "`/latest` and `/search` find it.",
        "📚 {topic}: more articles wait than may. The oldest of them will not be posted: {n} so far. "
        "`/latest` and `/search` find them.",
        trouble.articles,
    ).format(topic=where)


def _mention(trouble: Problem) -> str:
    where = f"**{_topics(trouble)}**" if trouble.topics else _hidden_topic(trouble)
    if trouble.ended is Resolution.DROPPED:
        return _("✅ {topic}: it was deleted.").format(topic=where)
    if trouble.ended is not None:
        return _("✅ {topic}: the role that it mentioned was deleted.").format(topic=where)
    return _("🔔 {topic}: the role that it mentioned was deleted. It mentions nobody now.").format(topic=where)


def _resting(trouble: Problem) -> str:
    where = _source(trouble)
    if trouble.ended is not None:
        return _("✅ {source}: it brings no more in a day than it may.").format(source=where)
    return _(
        "💤 {source} brought more in a day than one source may. I do not ask it for the rest of such a day (UTC); "
        "what it still lists then comes after that."
    ).format(source=where)


def _storage(trouble: Problem) -> str:
    if trouble.ended is not None:
        return _("✅ This server's sources bring no more in a day than they may.")
    return _(
        "💤 This server's sources together brought more in a day than they may. Those that no other server has rest "
        "until the day is over (UTC), and new ones can be subscribed to after that. What they still list then comes."
    )


def for_readers(trouble: Problem, seen: Collection[int], told: MessagePayload | None = None) -> Problem:
    """The trouble without the names of what its readers may not know of.

    Args:
        seen: the channels that all of them see, and `WHOLE_SERVER` for who decides for the server. Discord hides the name
            of a channel by itself from who does not see it.
        told: the notice that they have read: what nothing follows any more may be called as it was there.
    """
    if not trouble.channels and (WHOLE_SERVER in seen or _named_in(told, trouble)):
        return trouble
    known = [(name, channel) for name, channel in zip(trouble.topics, trouble.channels, strict=True) if channel in seen]
    if len(known) == len(trouble.topics) and (known or trouble.kind not in OF_FEEDS):
        return trouble
    topics, hidden = tuple(name for name, _channel in known), not known
    if hidden and trouble.kind in OF_FEEDS:
        return replace(trouble, topics=topics, hidden=True, name="", reason="")
    # The channels stay, for a topic that has no name here.
    return replace(trouble, topics=topics, hidden=hidden)


def _named_in(told: MessagePayload | None, trouble: Problem) -> bool:
    embeds = told.embeds if told is not None else ()
    return any(f"**{_plain(trouble.name)}**" in (each.get("description") or "") for each in embeds)


def _hidden_topic(trouble: Problem) -> str:
    return _("A topic in {channels}").format(channels=_mentions(trouble)) if trouble.channels else _("A topic")


def _mentions(trouble: Problem) -> str:
    return ", ".join(f"<#{channel}>" for channel in dict.fromkeys(trouble.channels[:5]))


def _source(trouble: Problem) -> str:
    if trouble.hidden:
        return _("A source in {channels}").format(channels=_mentions(trouble)) if trouble.channels else _("A source")
    return f"**{_plain(trouble.name)}** ({_topics(trouble)})" if trouble.topics else f"**{_plain(trouble.name)}**"


def _event_title(kind: ProblemKind, count: int) -> str:
    if kind is ProblemKind.FLOOD:
        return many("A source floods", "{n} sources flood", count)
    if kind is ProblemKind.CROWDED:
        return many("Too much waits in a topic", "Too much waits in {n} topics", count)
    if kind is ProblemKind.MENTION:
        return many("A topic mentions nobody any more", "{n} topics mention nobody any more", count)
    if kind is ProblemKind.RESTING:
        return many("A source rests", "{n} sources rest", count)
    return _("Sources rest")


_LINES: dict[ProblemKind, Callable[[Problem], str]] = {
    ProblemKind.CHANNEL: _channel,
    ProblemKind.FEED: _feed,
    ProblemKind.GONE: _gone,
    ProblemKind.ARCHIVE: _archive,
    ProblemKind.FLOOD: _flood,
    ProblemKind.CROWDED: _crowded,
    ProblemKind.MENTION: _mention,
    ProblemKind.RESTING: _resting,
    ProblemKind.STORAGE: _storage,
}


def _settled(where: str, how: Resolution) -> str:
    words = {
        Resolution.WELL: _("✅ {source}: it works again."),
        Resolution.PAUSED: _("⏸️ {source}: it is paused; `/source resume` goes on."),
        Resolution.GONE: _("⛔ {source}: it is gone for good."),
        Resolution.DROPPED: _("✅ {source}: no topic has it any more."),
    }
    return words[how].format(source=where)


def _advice(lasting: Sequence[Problem]) -> str:
    """What to do, once for each way in which it is to be mended."""
    kind = lasting[0].kind
    if kind is ProblemKind.FEED:
        return _(
            "**What to do:** look whether the address still works in a browser. I keep trying, ever more seldom; "
            "nothing that the feed still lists when it is back is lost."
        )
    if kind is ProblemKind.GONE:
        return _(
            "**What to do:** if it moved, add its new address with `/subscribe`, and remove this one with `/unsubscribe`."
        )
    if kind is ProblemKind.ARCHIVE:
        return ""
    if kind is ProblemKind.CROWDED:
        return _(
            "**What to do:** look with `/topic list` and `/status overview` why they wait: a pause, a channel in which I "
            "cannot post, a digest with very many sources."
        )
    if kind is ProblemKind.MENTION:
        return _("**What to do:** choose another role with `/topic edit`, or nothing, if nobody is to be mentioned.")
    if kind in EVENTS:
        return _(
            "**What to do:** nothing, if that is as it should be. `/source show` tells more of a source, "
            "`/filter set` lets less of it through, and `/unsubscribe` ends it."
        )
    holds = {each.hold for each in lasting}
    ways = [way for hold, way in _ways().items() if hold in holds]
    way = "; ".join(ways) or _("nothing, it should pass by itself")
    return _("**What to do:** {ways}. Nothing is lost: I try again by myself, at least every hour.").format(ways=way)


def _ways() -> dict[BlockReason, str]:
    """How a channel is mended, by why it is held."""
    return {
        BlockReason.ACCESS: _("open the channel's settings → Permissions, add me, and allow what I lack"),
        BlockReason.GONE: _("give the topic another channel with `/topic edit`"),
        BlockReason.LOCKED: _("unlock the thread, or give the topic another channel with `/topic edit`"),
        BlockReason.FULL: _("close or delete some of what has reached its number, such as old threads of the server"),
        BlockReason.TIMED_OUT: _(
            "nothing, I go on when my time-out is over; to end it now, click me in the list of members"
        ),
    }


def _buttons(lasting: Sequence[Problem]) -> list[Component]:
    if not lasting or lasting[0].kind is ProblemKind.ARCHIVE:
        return []
    if lasting[0].kind in EVENTS:
        return _event_buttons(lasting)
    guild_id, kind = lasting[0].guild_id, lasting[0].kind
    subject = lasting[0].subject if len(lasting) == 1 else ALL
    if kind is ProblemKind.CHANNEL:
        return [_button(_("Try again"), PRIMARY, custom_id("probe", guild_id, subject))]
    retry = _button(_("Retry") if subject else _("Retry all"), PRIMARY, custom_id("retry", guild_id, subject))
    if subject == ALL:
        return [retry]
    buttons = [retry]
    if kind is ProblemKind.FEED:
        buttons.append(_button(_("Pause"), SECONDARY, custom_id("pause", guild_id, subject)))
    return [*buttons, _button(_("Unsubscribe"), DANGER, custom_id("unsubscribe", guild_id, subject))]


def _event_buttons(lasting: Sequence[Problem]) -> list[Component]:
    """For one source: what an admin may want to do with it."""
    if len(lasting) > 1 or lasting[0].kind not in OF_FEEDS:
        return []
    guild_id, subject = lasting[0].guild_id, lasting[0].subject
    return [
        _button(_("Pause"), SECONDARY, custom_id("pause", guild_id, subject)),
        _button(_("Unsubscribe"), DANGER, custom_id("unsubscribe", guild_id, subject)),
    ]


def _button(label: str, style: int, identity: str) -> Component:
    return {"type": BUTTON, "style": style, "label": label, "custom_id": identity}


def _topics(trouble: Problem) -> str:
    return ", ".join(_plain(name, 60) for name in trouble.topics[:5])


def _when(moment: datetime, style: str) -> str:
    return f"<t:{int(moment.timestamp())}:{style}>"


def _plain(text: str, limit: int = 200) -> str:
    return escape.escape(escape.clean(discord_limits.clip(" ".join(text.split()), limit)))
