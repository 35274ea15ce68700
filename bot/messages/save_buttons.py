"""The row under a post with which a reader keeps its articles for later: a button, or a menu of several. Pure.

What it acts on stands in its ids, so that it works for ever, also after a restart. It acts only on what its message
shows; see `cogs.saved.cog`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.excerpts import discord_limits, escape, excerpt
from bot.i18n.translation import _
from bot.model import Article, ComponentRow, Delivery, MessagePayload

SAVE = "riverpost:save:"
"""A button's id goes on with the article's."""
KEEP = "riverpost:keep"
"""A menu's id; its values are the articles' ids. Only those count that its message shows."""
SIGN = "🔖"
_ROW, _BUTTON, _MENU, _SECONDARY = 1, 2, 3, 2
_LABEL = 100
_MOST = 25


def with_row(payload: MessagePayload, deliveries: Sequence[Delivery]) -> MessagePayload:
    """The payload with the row, unless a webhook posts it: such messages keep to what every webhook may send."""
    if payload.webhook is not None:
        return payload
    return replace(payload, components=(row([each.article for each in deliveries]),))


def row(articles: Sequence[Article], *, message_id: int | None = None) -> ComponentRow:
    """A row for 1 to 25 articles, as Discord takes it.

    Args:
        message_id: the message that shows them, where the row of several does not stand under it.
    """
    emoji = {"name": SIGN}
    if len(articles) == 1:
        button = {"type": _BUTTON, "style": _SECONDARY, "label": _("Save"), "emoji": emoji}
        return {"type": _ROW, "components": [button | {"custom_id": f"{SAVE}{articles[0].entry_id}"}]}
    options = [
        {"label": _label(name_of(article)), "value": str(article.entry_id)}
        for article in {each.entry_id: each for each in articles[:_MOST]}.values()
    ]
    custom_id = KEEP if message_id is None else f"{KEEP}:{message_id}"
    menu = {"type": _MENU, "custom_id": custom_id, "placeholder": f"{SIGN} {_('Save for later')}", "options": options}
    return {"type": _ROW, "components": [menu | {"min_values": 1, "max_values": len(options)}]}


def name_of(article: Article) -> str:
    """As in its embed: many a short message has no title."""
    return excerpt.named(article.title, article.summary_html or article.text, _LABEL)


def renamed(rows: Sequence[ComponentRow], titles: Mapping[int, str]) -> tuple[ComponentRow, ...]:
    """The rows of a message with these titles in its menu, by article: what was corrected is corrected there too."""
    labels = {str(entry_id): _label(title) for entry_id, title in titles.items()}

    def relabelled(part: dict[str, Any]) -> dict[str, Any]:
        if "options" not in part:
            return part
        return part | {
            "options": [each | {"label": labels.get(each["value"], each["label"])} for each in part["options"]]
        }

    return tuple(each | {"components": [relabelled(part) for part in each["components"]]} for each in rows)


def _label(title: str) -> str:
    return discord_limits.clip(" ".join(escape.clean(title).split()), _LABEL) or _("Untitled")
