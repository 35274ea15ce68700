"""From deliveries to the stored bytes of a message: embeds as plain values, how many fit, their payload."""

from typing import Any

from bot.errors import RenderError
from bot.i18n.translation import N_
from bot.messages import article_embed, edited, embed_packing
from bot.messages.also_in import with_sources
from bot.messages.edited import Revised
from bot.model import Delivery, Revision


class EmbedRenderer:
    """What `bot.jobs.posting.delivery_loop` needs of rendering, without Discord's types."""

    def embed(self, delivery: Delivery) -> dict[str, Any]:
        """The article as it will look in its topic.

        Raises:
            RenderError: this article cannot be shown; the others can.
        """
        try:
            return self.drawn(delivery)
        except RenderError:
            raise
        except Exception as error:
            reason = N_("the article could not be turned into an embed ({error})").format(error=type(error).__name__)
            raise RenderError(reason) from error

    def drawn(self, delivery: Delivery, most: int | None = None) -> dict[str, Any]:
        """The embed, its excerpt no longer than about `most` characters, naming the other sources of the story."""
        length = delivery.topic.options.excerpt if most is None else min(most, delivery.topic.options.excerpt)
        shown = article_embed.embed(delivery.article, delivery.topic, excerpt_length=length).to_dict()
        return with_sources(dict(shown), delivery.also)

    def revised(self, revision: Revision) -> Revised:
        """The message with what changed in it, everything else as it is; within Discord's limits.

        Raises:
            RenderError: an article cannot be shown as it is now.
        """
        try:
            return edited.revised(revision, self.drawn)
        except RenderError:
            raise
        except Exception as error:
            raise RenderError(f"the message could not be written anew ({type(error).__name__})") from error

    def fit(self, embeds: list[dict[str, Any]]) -> int:
        """How many of the first embeds go into one message, so that readers see each of them."""
        return embed_packing.fit_together(embeds)
