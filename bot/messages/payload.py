"""In which form a message goes out: plain, as a forum post, under a source's own name. Pure.

What a message may have beside its embeds stands in `bot.model.MessagePayload`.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.excerpts import discord_limits, escape, excerpt, lookalikes
from bot.i18n.translation import _
from bot.model import (
    Article,
    ChannelKind,
    Delivery,
    ForumStart,
    MessagePayload,
    Place,
    Tag,
    ThreadStart,
    Topic,
    WebhookIdentity,
)

THREAD_NAME = 100
MAX_TAGS = 5
WEBHOOK_NAME = 80
_RESERVED = re.compile(r"(dis)(cord)|(cly)(de)", re.IGNORECASE)
_DECEIVING = re.compile(r"discord|clyde|system|everyone|here|riverpost")
_ALONE = frozenset(
    {"everyone", "here", "system", "system message", "system messages", "official", "moderator", "admin", "riverpost"}
)


def is_single(topic: Topic, place: Place) -> bool:
    """Whether every article needs a message of its own."""
    return place.kind is ChannelKind.FORUM or (topic.options.threads and place.kind is not ChannelKind.THREAD)


def has_own_names(topic: Topic, place: Place) -> bool:
    """Whether sources post under their own names. Publishing a webhook's message would need Manage Messages."""
    return topic.options.own_names and place.takes_webhooks and not publishes(topic, place)


def together(deliveries: Sequence[Delivery], place: Place) -> list[Delivery]:
    """Those of a topic's deliveries that may share a message with the first."""
    first = deliveries[0]
    if is_single(first.topic, place):
        return [first]
    if has_own_names(first.topic, place):
        return [each for each in deliveries if each.article.feed_id == first.article.feed_id]
    return list(deliveries)


def shaped(payload: MessagePayload, first: Delivery, place: Place) -> MessagePayload:
    """The payload of embeds, completed to what the topic and the channel ask for.

    Of what quiet hours held, the first message alone mentions the role.
    """
    topic, article = first.topic, first.article
    if topic.options.mention_role is not None and not (first.held and first.announced):
        payload = mentioning(payload, topic.options.mention_role)
    if place.kind is ChannelKind.FORUM:
        start = ForumStart(thread_name(article), tuple(tag.id for tag in tags(first, place)))
        payload = replace(payload, forum=start)
    elif has_own_names(topic, place):
        icon = (payload.embeds[0].get("author") or {}).get("icon_url")
        payload = replace(payload, webhook=WebhookIdentity(webhook_name(article), icon))
    if publishes(topic, place):
        payload = replace(payload, publish=True)
    if topic.options.silent:
        payload = replace(payload, silent=True)
    if is_single(topic, place) and place.kind is not ChannelKind.FORUM:
        payload = replace(payload, thread=ThreadStart(thread_name(article)))
    return payload


def mentioning(payload: MessagePayload, role: int) -> MessagePayload:
    """The payload with a mention of the role above its embeds."""
    return replace(payload, content=f"<@&{role}>", mention=role)


def publishes(topic: Topic, place: Place) -> bool:
    """Whether its messages are published to the servers that follow the channel."""
    return topic.options.publish and place.kind is ChannelKind.ANNOUNCEMENT


def thread_name(article: Article) -> str:
    """The title in 1 to 100 characters."""
    named = excerpt.named(escape.clean(article.title).strip(), article.summary_html or article.text, THREAD_NAME)
    return discord_limits.clip(" ".join(named.split()), THREAD_NAME) or _("Untitled")


def tags(delivery: Delivery, place: Place) -> tuple[Tag, ...]:
    """The forum's tags that are called like the article's categories, at most 5.

    Where the forum wants a tag and none fits: the one that is called like the topic or the source, else the first.
    """
    settable = {_key(tag.name): tag for tag in reversed(place.tags) if tag.settable and _key(tag.name)}
    fitting = dict.fromkeys(settable[key] for key in map(_key, delivery.article.categories) if key in settable)
    if fitting or not place.needs_tag:
        return tuple(fitting)[:MAX_TAGS]
    for name in (delivery.topic.name, delivery.article.source_title or ""):
        if _key(name) in settable:
            return (settable[_key(name)],)
    return tuple(tag for tag in place.tags if tag.settable)[:1]


def webhook_name(article: Article) -> str:
    """The source's name as Discord takes it for a webhook: 1 to 80 characters, no name that would deceive."""
    words = lookalikes.with_few_marks(" ".join(escape.clean(article.source_title or "").split()))
    if _DECEIVING.search(lookalikes.skeleton(words)):
        words = lookalikes.as_latin(words)
    for sign, instead in (("@", ""), ("#", ""), (":", " –"), ("```", "")):  # noqa: RUF001 - a dash is meant
        words = words.replace(sign, instead)
    words = " ".join(_RESERVED.sub(r"\1\3-\2\4", words).split())
    if lookalikes.skeleton(words) in _ALONE:
        words = f"{words} (feed)"
    return discord_limits.clip(words, WEBHOOK_NAME) or _("News")


def _key(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())
