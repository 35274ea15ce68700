"""A topic's settings in words: what a change changed, and an embed with the present state of all of them."""

from datetime import datetime

import discord

from bot.i18n.translation import N_, _
from bot.messages.article_embed import STANDARD_COLOUR
from bot.model import DigestSchedule, Picture, Style, Topic, TopicOptions
from bot.schedules import digest_times
from bot.services.topics.topic_options import clock
from cogs.ui.replies import safe

STYLES = {
    Style.FULL: N_("Full (title, excerpt, picture, categories)"),
    Style.COMPACT: N_("Compact (a short excerpt and a small picture)"),
    Style.TITLE: N_("Title only"),
}
PICTURES = {
    Picture.LARGE: N_("Large picture"),
    Picture.SMALL: N_("Small picture"),
    Picture.OFF: N_("No picture"),
}
RHYTHMS = {
    DigestSchedule.AT_ONCE: N_("No digest (each article at once)"),
    DigestSchedule.HOURLY: N_("Hourly digest"),
    DigestSchedule.DAILY: N_("Daily digest"),
    DigestSchedule.WEEKLY: N_("Weekly digest"),
}
DAYS = (
    N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"), N_("Sunday"),
)  # fmt: skip


def changes(before: Topic, after: Topic) -> str:
    """What a change changed, as what is so now; empty where nothing is other than before."""
    old, new = dict(rows(before)), dict(rows(after))
    lines = [f"**{label}**: {value}" for label, value in new.items() if old[label] != value]
    if before.name != after.name:
        lines.insert(0, f"**{_('Name')}**: {safe(after.name)}")
    return "\n".join(f"- {line}".replace("\n", ", ") for line in lines)


def digest(options: TopicOptions) -> str:
    """When the digest comes."""
    time, zone = clock(options.digest_minute), options.zone
    match options.digest:
        case DigestSchedule.HOURLY:
            return _("every hour")
        case DigestSchedule.DAILY:
            return _("daily at {time} ({zone})").format(time=time, zone=zone)
        case DigestSchedule.WEEKLY:
            return _("on {day} at {time} ({zone})").format(day=_(DAYS[options.digest_day]), time=time, zone=zone)
        case DigestSchedule.AT_ONCE:
            return _("off")


def quiet(options: TopicOptions) -> str:
    """When nothing is posted."""
    if options.quiet_from is None or options.quiet_to is None:
        return _("none")
    return _("{begin} to {end} ({zone})").format(
        begin=clock(options.quiet_from), end=clock(options.quiet_to), zone=options.zone
    )


def settings(topic: Topic, now: datetime) -> discord.Embed:
    """All settings of a topic as they are now."""
    embed = discord.Embed(title=safe(topic.name), colour=colour_of(topic))
    for name, value in rows(topic):
        embed.add_field(name=name, value=_with_next(value, topic, now) if name == _("Digest") else value)
    return embed


def colour_of(topic: Topic) -> int:
    """The colour of its articles."""
    return topic.colour if topic.colour is not None else STANDARD_COLOUR


def rows(topic: Topic) -> list[tuple[str, str]]:
    """Each setting and what it is."""
    options = topic.options
    return [
        (_("Channel"), f"<#{topic.channel_id}>" + (" · " + _("paused") if topic.paused else "")),
        (_("Colour"), f"#{colour_of(topic):06X}"),
        (_("Style"), _(STYLES[options.style])),
        (_("Excerpt"), _excerpt(options)),
        (_("Picture"), _(PICTURES[options.picture])),
        (_("Digest"), digest(options)),
        (_("Quiet hours"), quiet(options)),
        (_("Mention"), f"<@&{options.mention_role}>" if options.mention_role is not None else _("nobody")),
        (_("Channel options"), _channel_options(options)),
    ]


def _excerpt(options: TopicOptions) -> str:
    if options.excerpt == 0 or options.style is Style.TITLE:
        return _("none")
    return _("about {n} characters").format(n=f"{options.excerpt:,}")


def _with_next(said: str, topic: Topic, now: datetime) -> str:
    following = digest_times.next_digest(topic.options, now)
    if following is None:
        return said
    return said + "\n" + _("next {when}").format(when=discord.utils.format_dt(following, "R"))


def _channel_options(options: TopicOptions) -> str:
    on = [
        _("published to following servers") if options.publish else "",
        _("a thread under each article") if options.threads else "",
        _("sources under their own names") if options.own_names else "",
        _("silent, without push notifications") if options.silent else "",
        _("open to all members of the server") if options.open_to_all else "",
        _("posts also what another topic posts there") if options.repeats else "",
    ]
    return "\n".join(part for part in on if part) or _("none")
