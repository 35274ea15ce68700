"""What /why says: for each article, what became of it in each topic, and what can be done."""

from urllib.parse import urlsplit

import discord

from bot.excerpts import discord_limits
from bot.i18n.translation import _, many, retold
from bot.model import (
    ArticleHistory,
    DeliveryStatus,
    DeliveryStatusKind,
    FeedState,
    FilterScope,
    Message,
    Rejection,
    SourceStatus,
)
from bot.services.reading.article_history import Explained
from bot.services.sources.source_lookup import title_of
from cogs.filter.texts import code
from cogs.ui.replies import COLOUR, ago, safe

MAX_EMBEDS = 5
LONGEST = 3_500


def embeds(found: Explained) -> list[discord.Embed]:
    """One for each article, or one that says what may be the matter."""
    if not found.articles:
        return [_unknown(found)]
    return [_article(each) for each in found.articles[:MAX_EMBEDS]]


def _article(article: ArticleHistory) -> discord.Embed:
    lines = [f"**{safe(fate.topic, 60)}** · {_fate(fate)}" for fate in article.fates]
    known = _("From {source}, first seen {when}.").format(source=safe(article.source, 80), when=ago(article.seen_at))
    return discord.Embed(
        # Escaped it may be twice as long.
        title=discord_limits.clip(safe(article.title or _("Untitled"), 200), discord_limits.EMBED_TITLE),
        url=article.link if article.link and discord_limits.units(article.link) <= discord_limits.URL else None,
        description=discord_limits.clip("\n\n".join([f"-# {known}", *lines]), LONGEST),
        colour=COLOUR,
    )


def _fate(fate: DeliveryStatus) -> str:
    if fate.kind in {DeliveryStatusKind.WAITING, DeliveryStatusKind.PLANNED}:
        return _waiting(fate)
    if fate.kind is DeliveryStatusKind.POSTED:
        return _("Posted in {channel} {when}.{jump}").format(
            channel=f"<#{fate.message.channel_id if fate.message else fate.channel_id}>",
            when=ago(fate.at),
            jump=_jump(fate.message),
        )
    if fate.kind is DeliveryStatusKind.FILTERED:
        return _filtered(Rejection.read(fate.reason))
    if fate.kind is DeliveryStatusKind.SAME_STORY:
        return _same_story(fate)
    if fate.kind is DeliveryStatusKind.OTHER_TOPIC:
        return _other_topic(fate)
    if fate.kind is DeliveryStatusKind.FAILED:
        return _("Could not be posted: {reason}. `/status failed` lets managers try again or drop it.").format(
            reason=safe(retold(fate.reason or "") or _("no reason given"), 300).rstrip(".")
        )
    if fate.kind in {DeliveryStatusKind.SILENT, DeliveryStatusKind.NOT_QUEUED} and fate.at is not None:
        return _since_then(fate)
    return _plain(fate.kind)


def _same_story(fate: DeliveryStatus) -> str:
    other = f"“{safe(fate.told_by or _('another article'), 150)}”"
    if fate.told_for is not None:
        other += " " + _("(for **{topic}**)").format(topic=safe(fate.told_for, 60))
    if fate.message is None:
        return _("Not posted: {other} tells the same story, and is on its way.").format(other=other)
    return _("Not posted: {other} tells the same story.{jump}").format(other=other, jump=_jump(fate.message))


def _other_topic(fate: DeliveryStatus) -> str:
    """An article is posted once in a channel."""
    if fate.told_for is None:
        return _("Not posted again: another topic, which is no longer there, posted it in this channel.")
    topic = safe(fate.told_for, 60)
    if fate.message is None:
        return _("Not posted again: it comes to this channel for **{topic}**.").format(topic=topic)
    return _("Not posted again: it was posted in this channel for **{topic}**.{jump}").format(
        topic=topic, jump=_jump(fate.message)
    )


def _since_then(fate: DeliveryStatus) -> str:
    when = ago(fate.at)
    if fate.kind is DeliveryStatusKind.SILENT:
        return _(
            "Not posted: it was there before the topic got the source, {when}. Of what a source has by then, "
            "only a sample is posted; `/latest` shows all of it."
        ).format(when=when)
    return _("Not posted: it was not new to the topic, which got the source {when}. `/latest` shows it.").format(
        when=when
    )


def _plain(kind: DeliveryStatusKind) -> str:
    texts = {
        DeliveryStatusKind.REMOVED: _("Posted, but somebody has deleted the message since."),
        DeliveryStatusKind.ARCHIVE: _(
            "Not posted: the site put many old articles into its feed at once. They are in the archive, `/latest` shows them."
        ),
        DeliveryStatusKind.FLOOD: _(
            "Not posted: its source brought very many new articles at once, and the newest of them were posted. "
            "`/latest` shows all."
        ),
        DeliveryStatusKind.CROWDED: _(
            "Not posted: more articles waited in the topic than may, and it was one of the oldest. `/latest` shows it."
        ),
        DeliveryStatusKind.COPY: _(
            "Not posted: the source lists this article twice, under two dates, and this one counts as the copy. `/latest` shows both."
        ),
        DeliveryStatusKind.SOURCE_PAUSED: _("Waiting: the source is paused. `/source resume` lets it go on."),
        DeliveryStatusKind.DROPPED: _("Could not be posted, and was dropped by somebody who manages this server."),
        DeliveryStatusKind.UNREAD: _("Not yet: the source is read for this topic for the first time soon."),
    }
    return texts.get(kind, _("Not posted: nothing was to be posted when it came. `/latest` shows it."))


def _waiting(fate: DeliveryStatus) -> str:
    since = ago(fate.at)
    if fate.topic_paused:
        return _("Waiting since it came, {when}: the topic is paused. `/topic resume` lets it go on.").format(
            when=since
        )
    if fate.held_reason is not None:
        return _(
            "Waiting since it came, {when}: I cannot post in {channel} ({reason}). I try again by myself; once that is mended, "
            "everything comes, oldest first."
        ).format(when=since, channel=f"<#{fate.channel_id}>", reason=safe(retold(fate.held_reason), 200).rstrip("."))
    if fate.kind is DeliveryStatusKind.PLANNED:
        if fate.reason is None:
            return _("Is being posted in {channel} now.").format(channel=f"<#{fate.channel_id}>")
        return _("Discord did not take it yet ({reason}). The next try is {when}.").format(
            reason=safe(retold(fate.reason), 200).rstrip("."), when=ago(fate.due_at)
        )
    if fate.in_digest or fate.quiet_until is not None:
        return _kept(fate, since)
    if fate.ahead:
        ahead = many("{n} article comes first", "{n} articles come first", fate.ahead)
        return _("Waiting in the queue of {channel} since it came, {when}; {ahead}.").format(
            channel=f"<#{fate.channel_id}>", when=since, ahead=ahead
        )
    return _("Waiting since it came, {when}; it is next in {channel}.").format(
        channel=f"<#{fate.channel_id}>", when=since
    )


def _kept(fate: DeliveryStatus, since: str) -> str:
    """It waits for a digest, or for the end of quiet hours."""
    channel = f"<#{fate.channel_id}>"
    if not fate.in_digest:
        return _(
            "Waiting since it came, {when}: the topic has quiet hours. It comes in {channel} when they end, {end}."
        ).format(when=since, channel=channel, end=ago(fate.quiet_until))
    if fate.quiet_until is not None:
        return _(
            "Waiting since it came, {when}: the topic posts a digest, and its next one falls into quiet hours. "
            "It comes in {channel} when they end, {end}."
        ).format(when=since, channel=channel, end=ago(fate.quiet_until))
    if fate.digest_at is None:
        return _(
            "Waiting since it came, {when}: the topic posts a digest. One is being made in {channel}; it comes with the next."
        ).format(when=since, channel=channel)
    return _("Waiting since it came, {when}: it comes in {channel} with the topic's next digest, {digest}.").format(
        when=since, channel=channel, digest=ago(fate.digest_at)
    )


def _filtered(out: Rejection | None) -> str:
    assert out is not None, "a fate is filtered by its reason"
    term = code(out.term.removeprefix("-") if out.found else out.term)
    why = (_("{term} is in it") if out.found else _("{term} is missing")).format(term=term)
    if out.scope is FilterScope.TOPIC:
        text = _(
            "Left out by the filter of the topic: {why}. `/filter show` lists the filters, `/filter set` changes one."
        )
    else:
        text = _(
            "Left out by the filter of the source: {why}. `/filter show` lists the filters, `/filter set` changes one."
        )
    return text.format(why=why)


def _jump(message: Message | None) -> str:
    if message is None:
        return ""
    address = f"https://discord.com/channels/{message.guild_id}/{message.channel_id}/{message.message_id}"
    return " " + _("[Go to the message]({address})").format(address=address)


def _unknown(found: Explained) -> discord.Embed:
    site = safe(urlsplit(found.link).hostname or found.link, 100)
    if found.sources:
        head = _("I do not know this article. From {site} this server has:").format(site=site)
        tail = _(
            "If it is new, it comes once the source is read again. If it is older, it was not in what the source lists; "
            "`/search` finds what I have by words."
        )
    else:
        head = _("I do not know this article, and this server has no source from {site}.").format(site=site)
        tail = _("`/sources` shows which sources there are; who manages channels adds one with `/subscribe`.")
    hint = _("If this link led you on to another page, paste the address of that page.")
    lines = [f"• {_source(each)}" for each in found.sources]
    text = "\n".join([head, *lines, "", tail, hint])
    return discord.Embed(title=_("An unknown article"), description=discord_limits.clip(text, LONGEST), colour=COLOUR)


def _source(source: SourceStatus) -> str:
    name = safe(title_of(source), 80)
    if source.state is FeedState.PAUSED:
        return _("**{source}**, which is paused").format(source=name)
    if source.state is FeedState.GONE:
        return _("**{source}**, which is gone").format(source=name)
    if source.failures:
        return _("**{source}**, which fails: {reason}").format(
            source=name, reason=safe(retold(source.last_error or "") or _("no reason given"), 200)
        )
    if source.rests_until is not None:
        return _("**{source}**, which rests: it, or all sources of this server, brought too much today").format(
            source=name
        )
    return _("**{source}**, last read {last}, next look {next}").format(
        source=name, last=ago(source.last_success_at), next=ago(source.next_poll_at)
    )
