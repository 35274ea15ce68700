"""One article as an embed, always within Discord's limits."""

from collections.abc import Sequence
from typing import Any, cast

import discord

from bot.errors import RenderError
from bot.excerpts import discord_limits, escape, excerpt, links
from bot.i18n.translation import _
from bot.messages import byline, embed_addresses, embed_packing
from bot.model import Article, Enclosure, Picture, Style, Topic
from bot.words.folding import words

STANDARD_COLOUR = 0x2F7EA8
_CATEGORIES = 5
_CATEGORY_LENGTH = 40
_AUTHOR_LENGTH = 100
_TITLE_FROM_TEXT = 100
_MINIMUM_EXCERPT = 20
_COMPACT_EXCERPT = 120
_ROOM_PER_UNIT = 4
"""The addresses of links, which nobody sees, may take three times as much as the words."""


def embed(
    article: Article, topic: Topic, *, excerpt_length: int | None = None, standard_colour: int = STANDARD_COLOUR
) -> discord.Embed:
    """The article as the topic shows it: at most 2000 characters in all.

    Args:
        excerpt_length: instead of the topic's own, in a topic that shows excerpts at all.

    Raises:
        RenderError: the article cannot be shown; its cause is chained.
    """
    try:
        wanted = topic.options.excerpt if excerpt_length is None else excerpt_length
        return _embed(article, topic, wanted, standard_colour)
    except (ValueError, TypeError, ArithmeticError, LookupError) as error:
        raise RenderError(
            f"Article {article.entry_id} could not be rendered: {type(error).__name__}: {error}"
        ) from error


def _embed(article: Article, topic: Topic, excerpt_length: int, standard_colour: int) -> discord.Embed:
    link, in_text = embed_addresses.accepted(article.link), _link_in_text(article.link)
    title = _line(article.title)
    first = title or excerpt.first_words(article.summary_html or article.text, _TITLE_FROM_TEXT)
    shown = discord.Embed(
        title=_title(links.broken(first or _("Untitled"), link)),
        url=link,
        colour=topic.colour if topic.colour is not None else standard_colour,
        timestamp=article.published_at,
    )
    source = discord_limits.clip(_line(article.source_title or ""), _AUTHOR_LENGTH)
    if source:
        shown.set_author(
            name=source,
            url=embed_addresses.accepted(article.source_url),
            icon_url=embed_addresses.accepted(article.source_icon_url),
        )
    if topic.options.style is Style.TITLE:
        shown.description = in_text or None
        return shown
    footer = _footer(article)
    if footer and topic.options.style is Style.FULL:
        shown.set_footer(text=footer)
    listen = _listen(article.enclosure)
    _illustrate(shown, article, topic, is_episode=bool(listen))
    if topic.options.excerpt == 0:
        shown.description = "\n\n".join(part for part in (listen, in_text) if part) or None
        return shown
    if topic.options.style is Style.COMPACT:
        excerpt_length = min(excerpt_length, _COMPACT_EXCERPT)
    room = (
        discord_limits.EMBED_BUDGET
        - embed_packing.size(cast(dict[str, Any], shown.to_dict()))
        - discord_limits.units(listen)
        - discord_limits.units(in_text)
        - 4
    )
    length = min(max(excerpt_length, _MINIMUM_EXCERPT), room)
    text = excerpt.markdown(
        article.summary_html or article.text,
        base_url=links.absolute(None, article.link) or links.absolute(None, article.source_url),
        title=first,
        limit=length,
        link=link,
        room=min(room, _ROOM_PER_UNIT * length),
    )
    shown.description = "\n\n".join(part for part in (text, listen, in_text) if part) or None
    return shown


def _link_in_text(url: str | None) -> str:
    """The link as words, where no embed may have it as its own; it takes its room from the excerpt."""
    address = embed_addresses.readable(url)
    if address is None or embed_addresses.accepted(url):
        return ""
    shown = links.bare(address)
    return shown if discord_limits.units(shown) <= discord_limits.EMBED_BUDGET // 3 else ""


def _illustrate(shown: discord.Embed, article: Article, topic: Topic, *, is_episode: bool) -> None:
    if topic.options.picture is Picture.OFF:
        return
    image, icon = map(embed_addresses.accepted, (article.image_url, article.source_icon_url))
    small = topic.options.picture is Picture.SMALL or topic.options.style is Style.COMPACT
    if image and image != icon:
        (shown.set_thumbnail if small else shown.set_image)(url=image)
    elif icon and is_episode:
        shown.set_thumbnail(url=icon)  # an episode without a picture of its own has the show's


def _title(text: str) -> str:
    """Escaped and within the limit; never cut inside an escape."""
    plain = discord_limits.clip(text, discord_limits.EMBED_TITLE)
    while (
        discord_limits.units(shown := escape.escape_line_start(" ".join(map(escape.escape, plain.split()))))
        > discord_limits.EMBED_TITLE
    ):
        over = discord_limits.units(shown) - discord_limits.EMBED_TITLE
        plain = discord_limits.clip(plain, discord_limits.units(plain) - max(1, over // 2))
    return shown


def _line(text: str) -> str:
    return " ".join(escape.clean(text.encode("utf-8", "replace").decode("utf-8")).split())


def _footer(article: Article) -> str:
    """Who wrote it, and what it is about."""
    named = byline.authors(article.author, article.source_title)
    about = [each for each in _categories(article.categories) if words(each) != words(named)]
    return " · ".join(part for part in (named, *about) if part)


def _categories(categories: Sequence[str]) -> list[str]:
    named = dict.fromkeys(discord_limits.clip(_line(category), _CATEGORY_LENGTH) for category in categories)
    return [name for name in named if name][:_CATEGORIES]


def _listen(enclosure: Enclosure | None) -> str:
    address = embed_addresses.readable(enclosure.url) if enclosure else None
    kind = ((enclosure.media_type if enclosure else None) or "").casefold()
    if enclosure is None or address is None or not kind.startswith(("audio/", "video/")):
        return ""
    word, sign = (_("Watch"), "🎬") if kind.startswith("video/") else (_("Listen"), "🎧")
    line = f"{sign} [{word}]({escape.url(address)})" + _duration(enclosure.duration_seconds)
    return line if discord_limits.units(line) <= discord_limits.EMBED_BUDGET // 3 else ""


def _duration(seconds: int | None) -> str:
    if seconds is None or not 0 < seconds < 360_000:
        return ""
    hours, minutes = divmod(max(1, round(seconds / 60)), 60)
    if hours:
        return " · " + _("{hours} h {minutes} min").format(hours=hours, minutes=minutes)
    return " · " + _("{minutes} min").format(minutes=minutes)
