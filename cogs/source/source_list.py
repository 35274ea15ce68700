"""How sources are shown: a line in a list, a page of lines, one in detail."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import discord

from bot.addresses import shown
from bot.excerpts import discord_limits
from bot.feeds.scheduling.usual_publish_times import Days, UsualTimes
from bot.i18n.translation import _, many, number, retold
from bot.model import Problem, ProblemKind, SourceStatus
from bot.services import Health, health_of
from bot.services.sources.source_health import is_asleep, weekly
from bot.services.sources.source_lookup import title_of
from bot.services.sources.source_management import SourceView, rests
from cogs.ui.replies import COLOUR, ago, linked, safe

PER_PAGE = 10
MAX_ADDRESS = 200
"""Characters of an address that is shown in a list: ten lines share one embed."""


def page(found: tuple[SourceStatus, ...], at: int, now: datetime) -> discord.Embed:
    """One page of a list, and how all of it is."""
    if not found:
        text = _("There is no source yet. Somebody who manages channels adds one with `/subscribe`.")
        return discord.Embed(description=text, colour=COLOUR)
    title = many("{n} source", "{n} sources", len(found))
    ill = sum(1 for each in found if health_of(each) in {Health.FAILING, Health.GONE})
    if ill:
        title += " · " + many("{n} in trouble", "{n} in trouble", ill)
    called = Counter(title_of(each) for each in {each.feed_id: each for each in found}.values())
    lines = [line(each, now, alike=called[title_of(each)] > 1) for each in on_page(found, at)]
    return discord.Embed(
        title=title, description=discord_limits.clip("\n".join(lines), discord_limits.EMBED_DESCRIPTION), colour=COLOUR
    )


def on_page(found: Sequence[SourceStatus], at: int) -> Sequence[SourceStatus]:
    """The sources of one page."""
    return found[(at - 1) * PER_PAGE : at * PER_PAGE]


def line(source: SourceStatus, now: datetime, *, alike: bool = False) -> str:
    """Two or three lines: state, name and topic; pace, last article and checks; an offer of another feed.

    Args:
        alike: another source has its name, so its host is shown too.
    """
    name, site = safe(title_of(source), 80), source.site_url or ("" if source.url.has_secret else source.url.shown)
    head = linked(name, site) if site and len(site) <= MAX_ADDRESS else f"**{name}**"
    if alike:
        head += f" ({safe(source.url.site, 60)})"
    sign, said = state(source, 120)
    last = _("no article yet")
    if source.last_article_at is not None:
        sign = "💤" if sign == "✅" and is_asleep(source, now) else sign
        last = _("last article {when}").format(when=ago(source.last_article_at))
    checks = _("checked {last}, next {next}").format(last=ago(source.last_success_at), next=ago(source.next_poll_at))
    if source.last_success_at is None:
        checks = _("not read yet, next try {next}").format(next=ago(source.next_poll_at))
    if health_of(source) is Health.GONE:
        checks = _("checked {last}").format(last=ago(source.last_success_at))
    parts = [said, pace(source) if source.last_article_at is not None else "", last, checks]
    text = f"{sign} {head} → {safe(source.topic, 50)}\n-# " + " · ".join(part for part in parts if part)
    if source.suggested_url and len(source.suggested_url) <= MAX_ADDRESS:
        text += "\n-# " + _(
            "Its site has another feed: <{address}>. "
            "To switch, add that with `/subscribe`, then remove this one with `/unsubscribe`."
        ).format(address=shown(source.suggested_url))
    return text


def pace(source: SourceStatus) -> str:
    """Articles a week."""
    rate = weekly(source)
    if rate == 0:
        return _("no articles lately")
    if rate < 1:
        return _("less than 1 a week")
    return _("{n} a week").format(n=number(round(rate)))


def state(source: SourceStatus, longest_reason: int) -> tuple[str, str]:
    """A sign, and in words what is not as it should be."""
    reason = safe(retold(source.last_error or "") or _("no reason given"), longest_reason).rstrip(".")
    health = health_of(source)
    if health is Health.GONE:
        return "⛔", _("gone for good: {reason}").format(reason=reason)
    if health is Health.PAUSED:
        return "⏸️", _("paused")
    if health is Health.FAILING:
        return "⚠️", _("failing, first {when}: {reason}").format(when=ago(source.failing_since), reason=reason)
    if health is Health.SLOW:
        return "🐢", _("slow, as its host asks")
    return ("✅", "") if health is Health.FINE else ("⏳", _("first check soon"))


def detail(
    found: SourceView, events: Sequence[Problem] = (), usual: UsualTimes | None = None, *, with_secrets: bool
) -> discord.Embed:
    """One source as the topics of a guild follow it.

    Args:
        events: what was not posted or stored as usual.
        usual: when it publishes; None if that cannot be told.
        with_secrets: show all of its address, with the password or key in it.
    """
    first = found.sources[0]
    embed = discord.Embed(
        # Escaped it may be twice as long.
        title=discord_limits.clip(safe(found.title, 200), discord_limits.EMBED_TITLE),
        description=f"<{found.url.reveal() if with_secrets else found.url.shown}>",
        colour=COLOUR,
    )
    fields = [
        (
            _("State"),
            discord_limits.clip(
                "\n".join(f"{safe(each.topic, 60)}: {_in_words(each)}" for each in found.sources),
                discord_limits.EMBED_FIELD_VALUE,
            ),
        ),
        (_("Last good answer"), ago(first.last_success_at)),
        (_("Next check"), ago(first.next_poll_at) if health_of(first) in _CHECKED else _("not planned")),
        (_("Newest article"), ago(first.last_article_at) if first.last_article_at else _("no article yet")),
        (_("Articles a week"), pace(first)),
        (_("Articles in 28 days"), f"{first.articles_last_28_days:,}"),
    ]
    if usual is not None:
        fields.append((_("Publishes"), when(usual)))
    if first.busy_seconds is not None:
        answer = _("its last answer took {seconds} s, so it is asked every {minutes} min").format(
            seconds=f"{first.busy_seconds:.0f}", minutes=max(1, round((first.interval_seconds or 0) / 60))
        )
        fields.append((_("Asked less often"), answer))
    if first.own_title and first.own_title != found.title:
        fields.append((_("Its own name"), safe(first.own_title, 200)))
    if lines := bounds(first, events):
        fields.append((_("Limits"), discord_limits.clip("\n".join(lines), discord_limits.EMBED_FIELD_VALUE)))
    for name, value in fields:
        embed.add_field(name=name, value=value)
    return embed


def when(usual: UsualTimes) -> str:
    """The hours as each reader's Discord shows them, in the reader's time zone."""
    if usual.start is None or usual.end is None:
        return {
            Days.ALL: _("at any time"),
            Days.WEEKDAYS: _("at any time, on weekdays"),
            Days.WEEKENDS: _("at any time, on weekends"),
        }[usual.days]
    text = {
        Days.ALL: _("usually between {start} and {end}, in your time zone; that is when it is checked most"),
        Days.WEEKDAYS: _(
            "usually between {start} and {end} on weekdays, in your time zone; that is when it is checked most"
        ),
        Days.WEEKENDS: _(
            "usually between {start} and {end} on weekends, in your time zone; that is when it is checked most"
        ),
    }[usual.days]
    return text.format(start=discord.utils.format_dt(usual.start, "t"), end=discord.utils.format_dt(usual.end, "t"))


def bounds(source: SourceStatus, events: Sequence[Problem]) -> list[str]:
    """A line for each limit that a source, or a topic that follows it, has come to."""
    lines = [f"💤 {rests(source)}"] if source.rests_until is not None else []
    for each in events:
        if each.kind is ProblemKind.FLOOD:
            text = many(
                "🌊 very many articles at once: the newest are posted, {n} was not; it began {moment}",
                "🌊 very many articles at once: the newest are posted, {n} were not; it began {moment}",
                each.articles,
            )
            lines.append(text.format(moment=ago(each.since)))
        elif each.kind is ProblemKind.CROWDED:
            text = many(
                "📚 very much waits in {topic}: {n} of the oldest was not posted; it began {moment}",
                "📚 very much waits in {topic}: {n} of the oldest were not posted; it began {moment}",
                each.articles,
            )
            lines.append(text.format(topic=safe(", ".join(each.topics), 60), moment=ago(each.since)))
    return lines


_CHECKED = {Health.FINE, Health.SLOW, Health.FAILING, Health.NEW, Health.PAUSED}


def _in_words(source: SourceStatus) -> str:
    health, reason = health_of(source), safe(retold(source.last_error or "") or _("no reason given"), 300)
    if health is Health.FAILING:
        return many(
            "⚠️ failed {n} time, first {when}: {reason}", "⚠️ failed {n} times, first {when}: {reason}", source.failures
        ).format(when=ago(source.failing_since), reason=reason)
    return {
        Health.PAUSED: _("⏸️ paused"),
        Health.GONE: _("⛔ gone: its host says that it was removed for good"),
        Health.SLOW: _("🐢 slow: its host asks to be left alone for longer"),
        Health.FINE: _("✅ well"),
        Health.NEW: _("⏳ first check soon"),
    }[health]
