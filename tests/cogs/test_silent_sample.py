"""The sample of `/topic test` rings only where the topic's articles do."""

from typing import Any, Self

import discord
import pytest

from cogs.topic.test_post import _post_and_remove


class Room:
    """A channel that takes one message, and is that message too."""

    id = 1
    embeds = (discord.Embed(title="A sample"),)

    def __init__(self) -> None:
        self.was_silent: bool | None = None
        self.is_empty = True

    async def send(self, *, silent: bool, **_shown: Any) -> Self:
        self.was_silent, self.is_empty = silent, False
        return self

    async def fetch_message(self, _number: int) -> Self:
        return self

    async def delete(self) -> None:
        self.is_empty = True


@pytest.mark.parametrize("silent", [True, False])
async def test_a_sample_is_as_silent_as_the_topic(*, silent: bool) -> None:
    room: Any = Room()
    await _post_and_remove(room, room.embeds[0], silent=silent)
    assert room.was_silent is silent
    assert room.is_empty
