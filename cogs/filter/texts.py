"""What /filter says: one line an article, one a filter."""

from collections.abc import Sequence

import discord

from bot.addresses import site_of
from bot.filters.matching import Decision, Field
from bot.i18n.translation import N_, _, many
from bot.model import FilterScope, FilterSet
from bot.services.topics.topic_filters import Place, Trial, Tried
from cogs.ui.replies import COLOUR, safe

MAX_TITLE = 80
MAX_SOURCE = 40
MAX_TEXT = 4_000
ROOM = 3_200

_FOUND_IN = {
    Field.TITLE: N_("{term} is in the title"),
    Field.TEXT: N_("{term} is in the text"),
    Field.AUTHOR: N_("{term} is in the author's name"),
    Field.CATEGORY: N_("{term} is in a category"),
}


def code(text: str) -> str:
    """A filter or a term of it, shown as it is written."""
    return f"`{text.replace('`', chr(39))}`"


def where(place: Place) -> str:
    """Whose filter it is, in the middle of a sentence."""
    if place.source is None:
        return _("the topic **{topic}**").format(topic=safe(place.topic.name))
    return _("**{source}** in the topic **{topic}**").format(source=safe(place.source), topic=safe(place.topic.name))


def was_set(place: Place, text: str, trial: Trial, skipped: int) -> str:
    """After /filter set."""
    said = [
        _("From now on {place} posts only what this lets through:").format(place=where(place)),
        code(text),
        _outlook(trial),
        many("{n} article that waited is left out now.", "{n} articles that waited are left out now.", skipped)
        if skipped
        else "",
        _("`/filter test` shows what it does with the last articles; `/why` tells why an article is not posted."),
    ]
    return "\n".join(line for line in said if line)


def was_cleared(place: Place, text: str) -> str:
    return "\n".join(
        (
            _("The filter of {place} is removed; everything is posted from now on. It was:").format(place=where(place)),
            code(text),
            _("What it left out before stays left out."),
        )
    )


def listed(found: Sequence[FilterSet]) -> discord.Embed:
    """What is set, for /filter show."""
    if not found:
        text = _("No filter is set: everything is posted. Set one with `/filter set`.")
        return discord.Embed(description=text, colour=COLOUR)
    lines = [
        f"**{safe(each.topic, 60)}**"
        + (f" · {safe(each.source, MAX_TITLE)}" if each.source else "")
        + f"\n{code(each.text if len(each.text) <= 300 else each.text[:299] + '…')}"
        for each in found
    ]
    return discord.Embed(title=_("Filters"), description=_fitting(lines), colour=COLOUR)


def tried(trial: Trial) -> discord.Embed:
    """What filters do with the last articles, for /filter test."""
    title = _("What would be posted in {topic}").format(topic=safe(trial.place.topic.name, 100))
    filters = [
        _("Filter of the topic: {filter}").format(filter=code(trial.filters.topic)) if trial.filters.topic else "",
        _("Filter of the source: {filter}").format(filter=code(trial.filters.source)) if trial.filters.source else "",
    ]
    if not trial.articles:
        text = _("There are no articles yet to try a filter on. Add a source with `/subscribe`.")
        return discord.Embed(title=title, description=text, colour=COLOUR)
    if not any(filters) and all(each.scope is None for each in trial.articles):
        filters = [_("No filter is set, so everything is posted. Give an `expression` to try one.")]
    head = "\n".join(line[:700] for line in filters if line)
    text = f"{head}\n\n{_fitting([_line(each) for each in trial.articles], min(ROOM, MAX_TEXT - len(head)))}".strip()
    return discord.Embed(title=title, description=text, colour=COLOUR).set_footer(text=_outlook(trial))


def _outlook(trial: Trial) -> str:
    if not trial.articles:
        return ""
    text = many(
        "Of the last {n} article, {posted} would be posted.",
        "Of the last {n} articles, {posted} would be posted.",
        len(trial.articles),
    )
    return text.replace("{posted}", f"{trial.posted:,}")


def _line(tried: Tried) -> str:
    article = tried.article
    mark = "✅" if tried.decision.wanted else "❌"
    title = safe(article.title or _("Untitled"), MAX_TITLE)
    source = safe(article.source_title or site_of(article.feed_url), MAX_SOURCE)
    return f"{mark} **{title}** · {source}" + (f"\n-# {because(tried.decision, tried.scope)}" if tried.scope else "")


def because(decision: Decision, scope: FilterScope) -> str:
    """Which term decided, and whose filter has it."""
    said = _reason(decision)
    if decision.wanted:
        return said
    if scope is FilterScope.TOPIC:
        return _("{reason} (filter of the topic)").format(reason=said)
    return _("{reason} (filter of the source)").format(reason=said)


def _reason(decision: Decision) -> str:
    if not decision.term:
        return _("no excluded word is in it")
    term = code(decision.term)
    if decision.where is not None:
        return _(_FOUND_IN[decision.where]).format(term=term.replace("`-", "`", 1))
    if decision.found:
        return _("{term} applies").format(term=term)
    return _("{term} is missing").format(term=term)


def _fitting(lines: list[str], room: int = ROOM) -> str:
    """As many lines as a message takes."""
    kept: list[str] = []
    for line in lines:
        if sum(len(each) + 1 for each in kept) + len(line) > room:
            kept.append("…")
            break
        kept.append(line)
    return "\n".join(kept)
