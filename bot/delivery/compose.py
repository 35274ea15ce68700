"""From deliveries to the stored bytes of a message: embeds as plain values, how many fit, their payload."""

from typing import Any

from bot.delivery import pack, render, revise
from bot.delivery.revise import Revised
from bot.delivery.sources import with_sources
from bot.errors import RenderError
from bot.model import Delivery, Revision
from bot.words import N_


class EmbedRenderer:
    """What `bot.jobs.deliver` needs of rendering, without Discord's types."""

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
        shown = render.embed(delivery.article, delivery.topic, excerpt_length=length).to_dict()
        return with_sources(dict(shown), delivery.also)

    def revised(self, revision: Revision) -> Revised:
        """The message with what changed in it, everything else as it is; within Discord's limits.

        Raises:
            RenderError: an article cannot be shown as it is now.
        """
        try:
            return revise.revised(revision, self.drawn)
        except RenderError:
            raise
        except Exception as error:
            raise RenderError(f"the message could not be written anew ({type(error).__name__})") from error

    def fit(self, embeds: list[dict[str, Any]]) -> int:
        """How many of the first embeds go into one message."""
        return pack.fit([pack.size(embed) for embed in embeds])

    def payload(self, embeds: list[dict[str, Any]]) -> str:
        """The bytes that are stored and sent."""
        return render.payload(embeds)
