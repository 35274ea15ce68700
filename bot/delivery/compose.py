"""From deliveries to the stored bytes of a message: embeds as plain values, how many fit, their payload."""

from typing import Any

from bot.delivery import pack, render
from bot.errors import RenderError
from bot.model import Delivery


class EmbedRenderer:
    """What `bot.jobs.deliver` needs of rendering, without Discord's types."""

    def embed(self, delivery: Delivery) -> dict[str, Any]:
        """The article as it will look in its topic.

        Raises:
            RenderError: this article cannot be shown; the others can.
        """
        try:
            return dict(render.embed(delivery.article, delivery.topic).to_dict())
        except RenderError:
            raise
        except Exception as error:
            raise RenderError(f"the article could not be turned into an embed ({type(error).__name__})") from error

    def fit(self, embeds: list[dict[str, Any]]) -> int:
        """How many of the first embeds go into one message."""
        return pack.fit([pack.size(embed) for embed in embeds])

    def payload(self, embeds: list[dict[str, Any]]) -> str:
        """The bytes that are stored and sent."""
        return render.payload(embeds)
