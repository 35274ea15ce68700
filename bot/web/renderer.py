"""Turns what was read into pages. Templates escape everything that is not cleaned HTML."""

import hashlib
from collections.abc import Callable
from dataclasses import asdict
from datetime import date, datetime
from functools import partial
from importlib import resources
from typing import Any

from babel.dates import format_date, format_datetime
from jinja2 import Environment, PackageLoader, StrictUndefined

from bot.i18n.translation import number
from bot.model import Article
from bot.services.publishing.published_river import River
from bot.web import article_html, page_texts

HTML = "text/html; charset=utf-8"
STYLE = resources.files("bot.web").joinpath("static", "style.css").read_bytes()
STYLE_NAME = f"style-{hashlib.blake2b(STYLE, digest_size=6).hexdigest()}.css"

_templates = Environment(
    loader=PackageLoader("bot.web"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)


def river_page(
    river: River,
    articles: tuple[Article, ...],
    *,
    base: str,
    language: str,
    address: Callable[[int], str],
    current: int = 1,
    last: int = 1,
    numbers: tuple[int | None, ...] = (),
    subtitle: str | None = None,
    site_url: str | None = None,
    count: str | None = None,
    none: str,
    asked: str | None = None,
    older: str | None = None,
    feed_query: str = "",
    indexed: bool,
) -> bytes:
    """A stretch of a river, newest first."""
    return _render(
        "river.html",
        river=river,
        articles=[asdict(each) | _pictures(each) for each in articles],
        base=base,
        language=language,
        address=address,
        current=current,
        last=last,
        numbers=numbers,
        subtitle=subtitle,
        site_url=site_url,
        count=count,
        none=none,
        asked=asked,
        older=older,
        feed_query=feed_query,
        indexed=indexed,
    )


def article_page(river: River, article: Article, *, base: str, language: str, indexed: bool) -> bytes:
    """One article: its beginning, and the way to its own site."""
    each = asdict(article) | _pictures(article)
    return _render("article.html", river=river, each=each, base=base, language=language, indexed=indexed)


def sources_page(river: River, sources: Any, *, base: str, language: str, indexed: bool) -> bytes:
    """What a river is made of."""
    return _render("sources.html", river=river, sources=sources, base=base, language=language, indexed=indexed)


def refusal_page(status: int, *, base: str, language: str) -> bytes:
    """Why there is no page, in words."""
    heading, sentence = page_texts.refusal(status)
    return _render(
        "refusal.html",
        river=None,
        heading=heading,
        sentence=sentence,
        base=base,
        language=language,
        indexed=False,
    )


def _render(template: str, *, river: River | None, base: str, language: str, **values: Any) -> bytes:
    root = f"{base}/r/{river.scope.guild_id}/{river.name}/" if river else f"{base}/"
    given = {"asked": None, "feed_query": ""} | values
    text = _templates.get_template(template).render(
        river=river,
        base=base,
        language=language,
        root=root,
        style=f"{base}/static/{STYLE_NAME}",
        words=page_texts.words(),
        number=number,
        date=partial(_date, language=language.replace("-", "_")),
        shown=article_html.shown,
        **given,
    )
    return text.encode("utf-8", "replace")


def _pictures(_article: Article) -> dict[str, str | None]:
    """Nothing is fetched from another host, so pictures are left out."""
    return {"icon": None, "picture": None}


def _date(when: datetime, language: str) -> str:
    return format_datetime(when, "d MMM yyyy, HH:mm 'UTC'", locale=language)


def day_name(day: date, language: str) -> str:
    """A day in words."""
    return format_date(day, "full", locale=language.replace("-", "_"))
