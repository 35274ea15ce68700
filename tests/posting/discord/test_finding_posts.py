"""What counts as our post in a channel's history, and what only looks like it."""

from types import SimpleNamespace
from typing import Any

import discord
import pytest

from bot.model import MessagePayload, PostKind
from bot.posting.discord.sender import DiscordSender
from tests.builders import START
from tests.fakes import FakeClock

SHOWN = {"title": "A", "url": "https://a.test/1"}


@pytest.mark.parametrize("kind", [PostKind.ARTICLE, PostKind.PERSONAL])
@pytest.mark.parametrize("answers_a_command", [False, True])
def test_the_answer_to_a_command_is_not_taken_for_the_post_of_the_article_it_shows(
    kind: PostKind, *, answers_a_command: bool
) -> None:
    client: Any = SimpleNamespace(user=SimpleNamespace(id=7), application_id=7)
    message: Any = SimpleNamespace(
        author=client.user,
        webhook_id=7 if answers_a_command else None,
        application_id=7,
        interaction_metadata=object() if answers_a_command else None,
        embeds=[discord.Embed.from_dict(SHOWN)],
    )
    post: Any = SimpleNamespace(kind=kind, payload=MessagePayload(({"title": "A", "url": "https://a.test/1"},)))
    sender = DiscordSender(client, FakeClock(START), canonical=str)
    assert sender._is(message, post) is not answers_a_command
