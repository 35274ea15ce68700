"""Logs: one shape for all loggers, and no secrets in it."""

import io
import json
import logging
import re
from collections.abc import Callable, Iterator
from typing import Any, Literal

import pytest
import structlog

from bot import logs

Setup = Callable[..., io.StringIO]


@pytest.fixture
def setup() -> Iterator[Setup]:
    """Set the logs up into a buffer; afterwards everything is as before."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    named = {name: logging.getLogger(name).level for name in logs._CHATTY}

    def begin(fmt: Literal["text", "json"] = "text", *secrets: str, level: str = "info") -> io.StringIO:
        buffer = io.StringIO()
        logs.setup(level, fmt, secrets, buffer)
        return buffer

    yield begin
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, old in named.items():
        logging.getLogger(name).setLevel(old)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


def lines(buffer: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in buffer.getvalue().splitlines()]


def test_text_is_one_line_with_utc_time_level_logger_and_values(setup: Setup) -> None:
    out = setup()
    logs.get("bot.jobs.polling.poll_loop").info("feed polled", feed=1, outcome="unchanged")
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z \[info\] feed polled \[bot\.jobs\.polling\.poll_loop\] feed=1 outcome=unchanged\n",
        out.getvalue(),
    )


def test_json_has_the_same_shape_for_our_loggers_and_the_libraries(setup: Setup) -> None:
    out = setup("json")
    logs.get("bot.x").warning("slow", seconds=3)
    logging.getLogger("discord.state").warning("guild %s is gone", 7)
    ours, theirs = lines(out)
    assert ours | {"timestamp": ""} == {
        "message": "slow", "seconds": 3, "level": "warning", "logger": "bot.x", "timestamp": "",
    }  # fmt: skip
    assert theirs | {"timestamp": ""} == {
        "message": "guild 7 is gone", "level": "warning", "logger": "discord.state", "timestamp": "",
    }  # fmt: skip
    assert ours["timestamp"].endswith("Z")


@pytest.mark.parametrize("fmt", ["text", "json"])
def test_secrets_and_passwords_are_hidden_in_messages_values_and_tracebacks(setup: Setup, fmt: str) -> None:
    out = setup(fmt, "s3cret-token")
    try:
        raise ValueError("s3cret-token at https://user:p@ss@host.example/feed")
    except ValueError:
        logs.get("bot.x").exception("broke with s3cret-token", url="http://user:p@ss@host.example/")
        logging.getLogger("aiohttp.client").exception("lib %s", "s3cret-token")
    text = out.getvalue()
    assert "Traceback" in text
    assert "https://[hidden]@host.example/feed" in text
    assert "http://[hidden]@host.example/" in text
    assert not re.search(r"s3cret|user:|p@ss", text)


TOKEN = "MTA5OTk5OTk5OTk5OTk5OTk5.GaBcDe.abcdefghijklmnopqrstuvwxyz0123456789-_"
LONG = "aW50ZXJhY3Rpb246MTIzNDU2Nzg5MDEyMzQ1Njc4OTA6"


@pytest.mark.parametrize(
    "text",
    [
        f"Discord answered 401: Bot {TOKEN} is not known",
        f"no answer from https://discord.com/api/v10/webhooks/1234567890/{LONG}/messages/@original",
        f"no answer from https://discord.com/api/v10/interactions/1234567890/{LONG}/callback",
    ],
    ids=["a bot's", "a webhook's", "an interaction's"],
)
def test_what_looks_like_a_token_is_hidden_whoevers_it_is(setup: Setup, text: str) -> None:
    out = setup("json", "another-token")
    logs.get("bot.jobs.posting.delivery_loop").warning("not posted yet", reason=text, post=1)
    try:
        raise ValueError(text)
    except ValueError:
        logging.getLogger("discord").exception("broke: %s", text)
    shown = out.getvalue()
    assert logs.HIDDEN in shown
    assert TOKEN not in shown
    assert LONG not in shown


def test_ordinary_text_is_no_token() -> None:
    for text in ("https://discord.com/channels/1/2/3", "python 3.11.4 on a.b.c", "https://h.example/webhooks/about"):
        assert logs.without_tokens(text) == text


def test_a_secret_with_quotes_is_hidden_in_json_too(setup: Setup) -> None:
    out = setup("json", 'back\\slash"quote')
    logs.get("bot.x").info("x", value='back\\slash"quote')
    assert lines(out)[0]["value"] == logs.HIDDEN


def test_a_very_short_secret_does_not_eat_words(setup: Setup) -> None:
    out = setup("text", "a")
    logs.get("bot.x").info("a banana")
    assert "a banana" in out.getvalue()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://u:p@h/x and http://v@k/", "https://[hidden]@h/x and http://[hidden]@k/"),
        ("https://h/@handle", "https://h/@handle"),
        ("https://h/?mail=a@b", "https://h/?mail=a@b"),
        ("write to a@b.example", "write to a@b.example"),
    ],
)
def test_only_the_credentials_of_an_address_are_hidden(text: str, expected: str) -> None:
    assert logs.without_passwords(text) == expected


def test_line_breaks_in_what_a_feed_says_cannot_forge_a_line(setup: Setup) -> None:
    out = setup()
    logs.get("bot.x").info("polled", title="News\n2026-01-01 [error] forged")
    assert out.getvalue().count("\n") == 1


def test_below_the_level_nothing_is_written(setup: Setup) -> None:
    out = setup(level="WARNING")
    logs.get("bot.x").info("quiet")
    logging.getLogger("discord").info("quiet")
    assert out.getvalue() == ""


def test_libraries_that_chatter_are_heard_at_debug_only(setup: Setup) -> None:
    out = setup(level="info")
    logging.getLogger("discord.gateway").info("heartbeat")
    assert out.getvalue() == ""
    out = setup(level="debug")
    logging.getLogger("discord.gateway").info("heartbeat")
    assert "heartbeat" in out.getvalue()


def test_a_logger_made_before_setup_follows_the_latest_one_and_lines_come_once(setup: Setup) -> None:
    log = logs.get("bot.early")
    first = setup("text")
    second = setup("json")
    log.info("hello")
    assert first.getvalue() == ""
    assert [line["message"] for line in lines(second)] == ["hello"]


def test_a_value_called_message_stays_beside_the_words_in_json() -> None:
    """JSON has no other name for what an event says."""
    renderers = logs._final("json", colours=False)
    event: Any = {"event": "posted", "message": 7, "message_id": 8}
    for each in renderers[1:]:
        event = each(logging.getLogger(), "info", event)
    assert json.loads(event) == {"message": "posted", "message_": 7, "message_id": 8}
