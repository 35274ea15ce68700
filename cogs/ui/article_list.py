"""How lists of articles look: title, source and time, and a piece of the text; in a search with the hits in bold."""

from collections.abc import Iterable

import discord

from bot.addresses import site_of
from bot.excerpts import discord_limits, escape, excerpt
from bot.i18n.translation import _, many
from bot.model import Article, Page
from bot.services.reading import highlight
from bot.services.reading.search import Search
from bot.services.reading.timeline import Timeline
from bot.store.reading.search_query import Query
from cogs.ui.reader_access import viewer_of
from cogs.ui.replies import COLOUR, Interaction, ago, linked, safe
from cogs.ui.views import Pages

EXCERPT = 160
PIECE = 200
TITLE = 150


async def river(interaction: Interaction, found: Timeline, name: str | None) -> None:
    """Answer a deferred command with a river in pages; `name` is that of the topic or the source."""
    title = _("Latest in {name}").format(name=safe(name, 100)) if name else _("Latest articles")

    async def page(turning: Interaction, number: int) -> tuple[list[discord.Embed], int, int]:
        page = await found.page(await viewer_of(turning), number)
        return [article_page(page, title)], page.number, page.pages

    await Pages(interaction.user.id, page).first(interaction)


def article_page(page: Page, title: str) -> discord.Embed:
    """A page of a river."""
    if not page.articles:
        text = _("No articles yet. They appear here as soon as a source brings some; `/subscribe` adds sources.")
        return discord.Embed(
            title=discord_limits.clip(title, discord_limits.EMBED_TITLE), description=text, colour=COLOUR
        )
    shown = discord.Embed(
        title=discord_limits.clip(title, discord_limits.EMBED_TITLE),
        description=_body(map(_article, page.articles)),
        colour=COLOUR,
    )
    return shown.set_footer(text=f"{many('{n} article', '{n} articles', page.total)} · {_place(page)}")


def hit_note(search: Search) -> str | None:
    """What a reader has to know of a search's hits: they are not quite what was asked for, or not all of it yet."""
    notes = []
    if search.meant is not None:
        notes.append(_("Nothing has these words. Did you mean “{words}”?").format(words=safe(search.meant, 100)))
    elif search.loosened:
        notes.append(_("Nothing has exactly these words. This is what has longer ones."))
    if not search.is_complete:
        notes.append(_("After an update older articles are still being made ready for searching. Try again later."))
    return " ".join(notes) or None


def hit_page(page: Page, title: str, query: Query, note: str | None) -> discord.Embed:
    """A page of what a search found, below the note."""
    if not page.articles:
        text = _("Nothing found. Try fewer or other words; every word must occur. `OR` between two words finds either.")
        if note:
            text = f"{text}\n-# {note}"
        return discord.Embed(
            title=discord_limits.clip(title, discord_limits.EMBED_TITLE), description=text, colour=COLOUR
        )
    parts = [_hit(article, query) for article in page.articles]
    if note:
        parts.insert(0, f"-# {note}")
    shown = discord.Embed(
        title=discord_limits.clip(title, discord_limits.EMBED_TITLE), description=_body(parts), colour=COLOUR
    )
    count = many("{n} article", "{n} articles", page.total)
    if page.more:
        count = _("More than {count}").format(count=many("{n} article", "{n} articles", page.total))
    return shown.set_footer(text=f"{count} · {_place(page)}")


def _place(page: Page) -> str:
    return _("page {number} of {pages}").format(number=f"{page.number:,}", pages=f"{page.pages:,}")


def _body(parts: Iterable[str]) -> str:
    return discord_limits.clip("\n\n".join(parts), discord_limits.EMBED_DESCRIPTION)


def _article(article: Article) -> str:
    text = excerpt.markdown(article.text, base_url=None, title=article.title, limit=EXCERPT, link=None)
    return _entry(article, safe(article.title or _("Untitled"), TITLE), " ".join(text.split()))


def _hit(article: Article, query: Query) -> str:
    title = article.title if len(article.title) <= TITLE else article.title[: TITLE - 1].rstrip() + "…"
    shown = _marked(title, query, "__") if title else _("Untitled")
    return _entry(article, shown, _marked(highlight.piece(article.text, query, PIECE), query, "**"))


def _entry(article: Article, title: str, text: str) -> str:
    head = f"**{linked(title, article.link)}**" if article.link else f"**{title}**"
    source = safe(article.source_title or site_of(article.feed_url), 60)
    return f"{head}\n-# {source} · {ago(article.published_at or article.seen_at)}\n{text}".rstrip()


def _marked(text: str, query: Query, mark: str) -> str:
    """The text with its hits between marks; titles are bold already, so their hits are underlined."""
    done, position = "", 0
    for begin, end in highlight.spans(text, query):
        done += _quoted(text[position:begin]) + mark + _quoted(text[begin:end]) + mark
        position = end
    return done + _quoted(text[position:])


def _quoted(text: str) -> str:
    return escape.escape(escape.clean(text))
