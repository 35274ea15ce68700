"""Private messages: articles as embeds, each with why it comes, and the daily digest. Pure: from articles to messages."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from bot.errors import RenderError
from bot.excerpts import discord_limits, escape, links
from bot.i18n.translation import _, many
from bot.messages import article_embed, embed_packing
from bot.model import (
    Article,
    ComponentRow,
    Embed,
    Follow,
    FollowKind,
    MessagePayload,
    PersonalDelivery,
    Topic,
    Viewer,
)
from bot.schedules.personal_digest_time import zone_of

PLAIN = Topic(id=0, guild_id=0, name="", channel_id=0)
COLOUR = 0x2F6F9F
ROW, BUTTON, SECONDARY = 1, 2, 2
MAX_REASONS = 4
REASON = 80
LISTED_TITLE = 150
MAX_LINK = 400
"""A longer address would take the place of several articles in a digest."""
DIGEST_ROOM = 5600
"""Of Discord's 6,000 characters a message; the rest is for title and footer."""
PART_ROOM = 4000
"""Of Discord's 4,096 for the text of an embed."""


def embed(personal: PersonalDelivery) -> dict[str, Any]:
    """The article as in a topic, with why it comes.

    Raises:
        RenderError: it cannot be shown; the others can.
    """
    try:
        shown: dict[str, Any] = dict(article_embed.embed(personal.article, PLAIN).to_dict())
    except RenderError:
        raise
    except Exception as error:
        raise RenderError(f"the article could not be turned into an embed ({type(error).__name__})") from error
    before = (shown.get("footer") or {}).get("text")
    shown["footer"] = {"text": " · ".join(part for part in (reason(personal.why), before) if part)}
    return shown


def reason(why: Sequence[Follow]) -> str:
    """Why an article comes, for instance that it matches words, and the source that is followed."""
    named = [_named(each) for each in why[:MAX_REASONS]]
    if len(why) > MAX_REASONS:
        named.append("…")
    listed = ", ".join(dict.fromkeys(named))
    if any(each.kind is FollowKind.WORDS for each in why):
        return _("matches {what}").format(what=listed)
    return _("you follow {what}").format(what=listed) if listed else ""


def at_once(embeds: Sequence[Embed], *, dropped: int) -> MessagePayload:
    """A message of articles.

    Args:
        dropped: articles that grew too old while they waited.
    """
    return MessagePayload(tuple(embeds), content=older(dropped) if dropped else None, components=_buttons())


def digest(
    newest: Sequence[PersonalDelivery],
    *,
    total: int,
    dropped: int,
    moment: datetime,
    zone: str,
    number: str,
    backlog: bool,
) -> MessagePayload:
    """A digest: as many of the newest articles as fit, by source, and how many more there are.

    Args:
        newest: the newest first.
        total: all that it stands for.
        moment: of which day it is.
        number: what tells this message from every other, stands in its footer.
        backlog: it is no daily digest, but stands for many that were to come at once.
    """
    parts, listed = _parts(newest)
    rest = []
    if total > listed:
        rest.append(many("and {n} more article", "and {n} more articles", total - listed))
    if dropped:
        rest.append(older(dropped))
    if rest:
        parts[-1] = "\n".join([parts[-1], *(f"-# {each}" for each in rest)]).strip()
    day = moment.astimezone(zone_of(zone)).date().isoformat()
    title = (
        many("{n} article came for you", "{n} articles came for you", total)
        if backlog
        else many("Your digest of {day}: {n} article", "Your digest of {day}: {n} articles", total).replace(
            "{day}", day
        )
    )
    embeds: list[Embed] = [{"description": part, "color": COLOUR} for part in parts]
    embeds[0]["title"] = title
    embeds[-1]["footer"] = {"text": _("Digest {number}").format(number=number)}
    return MessagePayload(tuple(embeds), components=_buttons(), numbered=True)


def _buttons() -> tuple[ComponentRow, ...]:
    """Whoever has enough of it finds the way out under each message. `cogs.follow.buttons` answers, also after a restart."""
    button = {"type": BUTTON, "style": SECONDARY, "label": _("What I follow"), "custom_id": "riverpost:mine:open:0:0"}
    return ({"type": ROW, "components": [button]},)


def ended(viewer: Viewer, follows: Sequence[Follow], *, number: str) -> MessagePayload:
    """A message that says what somebody does not get any more. Names that may have changed since are not in it.

    Args:
        number: what tells this message from every other.
    """
    server = f"**{escape.escape(escape.clean(viewer.guild_name))}**"
    if not viewer.is_member:
        text = _("You are no longer in {server}, so nothing more of it comes to you.").format(server=server)
    elif all(each.kind is FollowKind.TOPIC for each in follows):
        text = many(
            "{n} topic that you followed in {server} is not shown to you there any more, so nothing more of it comes.",
            "{n} topics that you followed in {server} are not shown to you there any more, so nothing more of them comes.",
            len(follows),
        ).replace("{server}", server)
    else:
        text = many(
            "{n} thing that you followed in {server} is not shown to you there any more, so nothing more of it comes.",
            "{n} things that you followed in {server} are not shown to you there any more, so nothing more of them comes.",
            len(follows),
        ).replace("{server}", server)
    embed = {
        "title": _("No longer followed"),
        "description": text,
        "color": COLOUR,
        "footer": {"text": f"Riverpost {number}"},
    }
    return MessagePayload((embed,), components=_buttons(), numbered=True)


def older(count: int) -> str:
    """The line that stands for articles nobody could be shown in time."""
    return many(
        "and {n} older article, which waited for more than 7 days",
        "and {n} older articles, which waited for more than 7 days",
        count,
    )


def fit(embeds: list[dict[str, Any]]) -> int:
    """How many of the first embeds go into one message, so that readers see each of them."""
    return embed_packing.fit_together(embeds)


def _named(follow: Follow) -> str:
    name = discord_limits.clip(escape.clean(follow.name), REASON)
    if follow.kind is FollowKind.WORDS:
        return f"“{name}”"
    if follow.kind is FollowKind.TOPIC:
        return _("the topic {name}").format(name=name)
    return name


def _parts(newest: Sequence[PersonalDelivery]) -> tuple[list[str], int]:
    """The texts of one or two embeds, and how many articles are listed in them."""
    fitting: list[PersonalDelivery] = []
    for each in newest:
        if sum(map(discord_limits.units, _texts([*fitting, each]))) > DIGEST_ROOM:
            break
        fitting.append(each)
    while len(texts := _texts(fitting)) > 2:
        fitting.pop()
    return texts or [""], len(fitting)


def _texts(articles: Iterable[PersonalDelivery]) -> list[str]:
    """Under the name of each source its articles, cut into texts that an embed holds."""
    by_source: dict[str, list[PersonalDelivery]] = {}
    for each in articles:
        by_source.setdefault(_source(each.article), []).append(each)
    texts, used = [""], 0
    for source, group in by_source.items():
        for place, each in enumerate(group):
            line = _line(each)
            if place == 0:
                line = f"**{source}**\n{line}"
            if used + discord_limits.units(line) + 1 > PART_ROOM:
                texts.append("")
                used = 0
            texts[-1] += f"{line}\n"
            used += discord_limits.units(line) + 1
    return [text.strip() for text in texts if text.strip()]


def _line(personal: PersonalDelivery) -> str:
    article = personal.article
    words = " ".join(escape.clean(article.title or article.text[:LISTED_TITLE]).split()) or _("Untitled")
    name = links.words(discord_limits.clip(words, LISTED_TITLE))
    link = escape.url(article.link) if article.link and article.link.startswith(("https://", "http://")) else ""
    shown = f"[{name}]({link})" if link and len(link) <= MAX_LINK else name
    why = ", ".join(dict.fromkeys(_named(each) for each in personal.why if each.kind is FollowKind.WORDS))
    return f"- {shown}" + (f" · {escape.escape(why)}" if why else "")


def _source(article: Article) -> str:
    name = " ".join(escape.clean(article.source_title or "").split()) or _("Other")
    return escape.escape(discord_limits.clip(name, REASON))
