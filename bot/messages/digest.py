"""What came in a topic since its last digest, as one tidy message, or a few where it is too much for one. Pure.

The articles stand by source, in the order in which they would have come. Where excerpts make it too long for one
message they are left out; where titles alone are too many, several messages follow each other.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bot.addresses import site_of
from bot.errors import RenderError
from bot.excerpts import discord_limits, escape, excerpt, links
from bot.excerpts.cleanup import title_repeat
from bot.i18n.translation import _, many
from bot.messages import also_in, article_embed, embed_addresses
from bot.messages import payload as forms
from bot.model import (
    ChannelKind,
    Delivery,
    DigestSchedule,
    Embed,
    ForumStart,
    MessagePayload,
    Picture,
    Place,
    Style,
    Topic,
)
from bot.schedules import digest_times

TITLE_LENGTH = 160
SOURCE_LENGTH = 80
MAX_LINK = 600
"""A longer address would take the room of several articles."""
EXCERPTS = {Style.FULL: 160, Style.COMPACT: 80, Style.TITLE: 0}
EMBED_ROOM = 4000
MESSAGE_ROOM = 5400
"""Of the descriptions in a message: what is left of 6000 beside the title and the footer."""
MIN_ROOM = 800
"""With less left in a message, another is begun."""

Line = tuple[int | None, str]
"""The delivery that it shows, None for the name of a source; and the text."""


@dataclass(frozen=True, slots=True)
class Part:
    """One message of a digest."""

    delivery_ids: tuple[int, ...]
    payload: MessagePayload


@dataclass(frozen=True, slots=True)
class Rendered:
    """A delivery in the words of a digest. Making it is what a digest costs; messages are put together from it."""

    delivery: Delivery
    source: str
    line: str
    excerpt: str
    """What follows the line where there is room; may be empty."""


def rendered(delivery: Delivery) -> Rendered:
    """The delivery as it is shown in a digest.

    Raises:
        RenderError: this article cannot be shown; the others can.
    """
    try:
        return Rendered(delivery, _source(delivery), *_article(delivery))
    except Exception as error:
        name = type(error).__name__
        raise RenderError(f"Article {delivery.article.entry_id} could not be put into a digest: {name}") from error


def parts(articles: Sequence[Rendered], place: Place, *, now: datetime) -> tuple[Part, ...]:
    """The messages of a topic's digest, each article in one of them.

    Args:
        articles: of one topic, at least one.
        now: tells this digest from every other of its topic.
    """
    deliveries = [each.delivery for each in articles]
    messages = _split(_lines(articles, excerpts=True))
    if len(messages) > 1 and any(each.excerpt for each in articles):
        messages = _split(_lines(articles, excerpts=False))
    shown = {delivery.id: delivery for delivery in deliveries}
    found = []
    for number, message in enumerate(messages):
        ids = tuple(number for embed in message for number, _text in embed if number is not None)
        embeds: list[Embed] = [{"description": "\n".join(text for _id, text in embed)} for embed in message]
        _dress(embeds, [shown[each] for each in ids], len(deliveries), (number + 1, len(messages)), now)
        found.append(Part(ids, _payload(deliveries[0], embeds, place, number, now)))
    return tuple(found)


def _lines(articles: Sequence[Rendered], *, excerpts: bool) -> list[list[Line]]:
    """By source: its name, then its articles."""
    by_source: dict[int, list[Line]] = {}
    for each in articles:
        listed = by_source.setdefault(each.delivery.article.feed_id, [(None, each.source)])
        listed.append((each.delivery.id, each.line + each.excerpt if excerpts else each.line))
    return list(by_source.values())


class _Sheets:
    """Messages of embeds of lines, filled one after the other."""

    def __init__(self) -> None:
        self.messages: list[list[list[Line]]] = [[[]]]
        self._in_message = MESSAGE_ROOM
        self._in_embed = EMBED_ROOM

    def add(self, name: Line, articles: Iterable[Line]) -> None:
        """A source. Its name stands again above what goes on in another embed."""
        named = False
        for article in articles:
            cost = _cost(article) + (0 if named else _cost(name) + 1)
            if cost > min(self._in_embed, self._in_message):
                named, cost = False, _cost(article) + _cost(name) + 1
                self._begin(cost)
            embed = self.messages[-1][-1]
            if not named:
                embed.append((None, ("\n" if embed else "") + name[1]))
                named = True
            embed.append(article)
            self._in_embed -= cost
            self._in_message -= cost

    def _begin(self, cost: int) -> None:
        self._in_embed = EMBED_ROOM
        if self._in_message < max(MIN_ROOM, cost):
            self._in_message = MESSAGE_ROOM
            self.messages.append([[]])
        else:
            self.messages[-1].append([])


def _cost(line: Line) -> int:
    return discord_limits.units(line[1]) + 1


def _split(groups: Iterable[list[Line]]) -> list[list[list[Line]]]:
    sheets = _Sheets()
    for name, *articles in groups:
        sheets.add(name, articles)
    return sheets.messages


def _source(delivery: Delivery) -> str:
    article = delivery.article
    name = _words(article.source_title or site_of(article.feed_url), SOURCE_LENGTH) or "…"
    return f"**{_linked(name, article.source_url)}**"


def _article(delivery: Delivery) -> tuple[str, str]:
    """Its line, and the excerpt below it."""
    article, options = delivery.article, delivery.topic.options
    length = min(EXCERPTS[options.style], options.excerpt)
    html = article.summary_html or article.text
    title = _words(article.title, TITLE_LENGTH) or excerpt.first_words(html, TITLE_LENGTH) or _("Untitled")
    line = f"• {_linked(title, article.link)}"
    if delivery.also:
        line += f" ({escape.escape(also_in.line(delivery.also))})"
    said = _words(excerpt.first_words(html, length), length) if length else ""
    if said and title_repeat.key(said) != title_repeat.key(title):
        return line, "\n-# " + " ".join(map(escape.escape, said.split()))
    return line, ""


def _linked(text: str, address: str | None) -> str:
    link = links.absolute(None, address)
    shown = links.words(text)
    return links.masked(shown, link) if link and discord_limits.units(escape.url(link)) <= MAX_LINK else shown


def _words(text: str, limit: int) -> str:
    return discord_limits.clip(" ".join(escape.clean(text.encode("utf-8", "replace").decode("utf-8")).split()), limit)


def _dress(embeds: list[Embed], shown: Sequence[Delivery], count: int, place: tuple[int, int], now: datetime) -> None:
    """Give a message its title, its picture, and at its end what tells it from every other."""
    topic = shown[0].topic
    for embed in embeds:
        embed["color"] = topic.colour if topic.colour is not None else article_embed.STANDARD_COLOUR
    name = " ".join(map(escape.escape, topic.name.split()))
    embeds[0]["title"] = discord_limits.clip(
        _("{topic}: {articles}").format(topic=name, articles=many("{n} article", "{n} articles", count)),
        discord_limits.EMBED_TITLE,
    )
    number, of = place
    kind = _named(topic)
    embeds[-1]["footer"] = {
        "text": kind if of == 1 else _("{digest}, part {n} of {of}").format(digest=kind, n=number, of=of)
    }
    embeds[-1]["timestamp"] = now.astimezone(UTC).replace(microsecond=0).isoformat()
    if topic.options.picture is not Picture.OFF and topic.options.style is not Style.TITLE:
        pictures = (embed_addresses.accepted(each.article.image_url) for each in shown)
        picture = next((url for url in pictures if url), None)
        if picture is not None:
            embeds[0]["thumbnail"] = {"url": picture}


def _named(topic: Topic) -> str:
    names = {
        DigestSchedule.HOURLY: _("Hourly digest"),
        DigestSchedule.DAILY: _("Daily digest"),
        DigestSchedule.WEEKLY: _("Weekly digest"),
    }
    return names.get(topic.options.digest, _("Digest"))


def _payload(first: Delivery, embeds: list[Embed], place: Place, number: int, now: datetime) -> MessagePayload:
    """The message in the form of its channel. Only the first of a digest mentions the role."""
    topic = first.topic
    payload = MessagePayload(tuple(embeds), publish=forms.publishes(topic, place), silent=topic.options.silent)
    if topic.options.mention_role is not None and number == 0:
        payload = forms.mentioning(payload, topic.options.mention_role)
    if place.kind is ChannelKind.FORUM:
        local = now.astimezone(digest_times.zone_of(topic.options.zone) or UTC)
        ending = f" · {local:%Y-%m-%d %H:%M}" + (f" ({number + 1})" if number else "")
        name = discord_limits.clip(_words(topic.name, forms.THREAD_NAME), forms.THREAD_NAME - len(ending)) + ending
        plain = replace(first, article=replace(first.article, categories=()))
        payload = replace(payload, forum=ForumStart(name, tuple(tag.id for tag in forms.tags(plain, place))))
    return payload
