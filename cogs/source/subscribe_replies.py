"""What /subscribe answers: one source as it will look, or several with the outcome of each."""

from collections.abc import Sequence
from typing import Any

import discord

from bot.excerpts import discord_limits
from bot.i18n.translation import _, many, retold
from bot.messages import article_embed
from bot.model import Topic
from bot.services.sources.subscriptions import Choices, Followed, Offer, Tried
from cogs.ui.replies import COLOUR, safe, say

MAX_SHOWN = 1_000
"""Characters of an address that is shown as it is: the rest of a message, which may have 2,000, needs room too."""
LONGEST = 180
"""Characters of an address or a reason: twenty outcomes share one embed."""


async def show(interaction: discord.Interaction[Any], followed: Followed, *, before: str = "") -> None:
    """One source that a topic has, with its newest article.

    Args:
        before: what is said first.
    """
    topic = followed.topic
    if followed.already:
        said = _("**{topic}** has this source already: **{source}**")
    else:
        said = _("**{topic}** gets a new source: **{source}**")
    text = f"{said.format(topic=safe(topic.name), source=safe(followed.title))}\n{_address(followed.url)}\n"
    text = f"{text}{before}\n" if before else text
    channel = f"<#{topic.channel_id}>"
    if followed.newest is None:
        text += _("It has no articles yet; the first one will be posted in {channel}.").format(channel=channel)
        await say(interaction, text)
        return
    text += _("This is how its articles will look in {channel}:").format(channel=channel)
    await say(interaction, text, embeds=[article_embed.embed(followed.newest, topic)])


def _address(url: str) -> str:
    return f"<{url}>" if len(url) <= MAX_SHOWN else f"`{url[:MAX_SHOWN].replace(chr(96), chr(39))}…`"


def options(found: Sequence[Offer]) -> list[tuple[str, str]]:
    """Feeds to choose from: title, and articles with the address."""
    return [(each.title, f"{_count(each.entries)} · {_short(each.url.shown)}") for each in found]


def outcomes(topic: Topic, tried: Sequence[Tried]) -> discord.Embed:
    """What came of each of several addresses."""
    new = sum(1 for each in tried if isinstance(each.answer, Followed) and not each.answer.already)
    title = many("{topic} gets {n} new source", "{topic} gets {n} new sources", new).replace(
        "{topic}", safe(topic.name)
    )
    return discord.Embed(
        title=title,
        description=discord_limits.clip("\n".join(_outcome(each) for each in tried), discord_limits.EMBED_DESCRIPTION),
        colour=COLOUR,
    )


def _outcome(tried: Tried) -> str:
    answer = tried.answer
    if isinstance(answer, Followed):
        name = f"**{safe(answer.title, 80)}** <{answer.url[:LONGEST]}>"
        return f"☑️ {name} · {_('was there already')}" if answer.already else f"✅ {name}"
    if isinstance(answer, Choices):
        said = _("has {n} feeds: use /subscribe with this address alone to choose one").format(n=len(answer.found))
        return f"❔ {safe(tried.source, LONGEST)} {said}"
    problem = safe(retold(tried.problem or ""), LONGEST)
    return f"❌ {problem}" if tried.source in (tried.problem or "") else f"❌ {safe(tried.source, LONGEST)}: {problem}"


def _count(articles: int) -> str:
    return many("{n} article", "{n} articles", articles) if articles else _("no articles yet")


def _short(url: str) -> str:
    """An address without what every address has: room in a menu is scarce."""
    return url.partition("://")[2].removeprefix("www.")
