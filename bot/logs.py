"""Structured logs: one line per event, the same for our own and the libraries' loggers, without secrets.

structlog renders, the standard library writes. Whatever reaches the root logger, discord.py's and
aiohttp's lines included, passes the same processors, and the finished line passes the redaction last,
so that tracebacks are covered too.
"""

import json
import logging
import re
import sys
from collections.abc import Callable, Iterable
from typing import Any, Literal, TextIO, cast

import structlog
from structlog.typing import EventDict, FilteringBoundLogger, Processor, WrappedLogger

from bot.addresses import redacted

HIDDEN = "[hidden]"

# Everything between "://" and the last "@" before the path: a password may itself contain an "@".
_CREDENTIALS = re.compile(r"(?<=://)[^\s/?#\"'<>]+(?=@)")
# A bot's token in its three parts, whoever's it is, and the token in the address of a webhook or an interaction.
_TOKENS = re.compile(
    r"[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}|(?<=webhooks/)\d+/[\w-]{20,}|(?<=interactions/)\d+/[\w-]{20,}"
)
_MIN_SECRET = 4

# One line of these libraries per request or heartbeat helps nobody below DEBUG.
_CHATTY = ("discord.gateway", "discord.client", "discord.http", "asyncio", "aiohttp.access", "aiosqlite", "alembic")


def without_passwords(text: str) -> str:
    """`text` with `user:password@` in every address replaced by `[hidden]@`."""
    return _CREDENTIALS.sub(HIDDEN, text)


def without_tokens(text: str) -> str:
    """`text` with everything that looks like a token of Discord's replaced by `[hidden]`."""
    return _TOKENS.sub(HIDDEN, text)


def redactor(secrets: Iterable[str]) -> Callable[[str], str]:
    """A function that takes `secrets`, what is secret in addresses and what looks like a token out of a text.

    A secret of fewer than 4 characters is left alone: hiding it would eat ordinary words.
    """
    # The longest first: a secret that contains another is hidden whole.
    known = sorted({secret for secret in secrets if len(secret) >= _MIN_SECRET}, key=len, reverse=True)
    # In JSON and in repr() a secret with quotes or backslashes looks different.
    shapes = [shape for secret in known for shape in (secret, json.dumps(secret)[1:-1], repr(secret)[1:-1])]
    pattern = re.compile("|".join(map(re.escape, shapes))) if shapes else None

    def redact(text: str) -> str:
        if pattern is not None:
            text = pattern.sub(HIDDEN, text)
        return redacted(without_tokens(without_passwords(text)))

    return redact


def setup(
    level: str,
    fmt: Literal["text", "json"],
    secrets: Iterable[str],
    stream: TextIO | None = None,
) -> None:
    """Send all logs of the process to `stream` (standard error by default) from `level` up, replacing earlier set-ups.

    Timestamps are ISO 8601 in UTC. `text` is one readable line per event, a traceback on lines below it that begin
    with `│`; `json` is one object per line, the traceback inside it. No text that is logged can begin a line.
    """
    target = stream or sys.stderr
    redact = redactor(secrets)
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="timestamp"),
    ]
    formatter = _Formatter(redact, foreign_pre_chain=shared, processors=_final(fmt, colours=target.isatty()))
    handler = logging.StreamHandler(target)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    for old in root.handlers[:]:
        # Only what an earlier set-up made; a test runner's own handlers stay.
        if isinstance(old.formatter, _Formatter):
            root.removeHandler(old)
    root.addHandler(handler)
    number = logging.getLevelNamesMapping()[level.upper()]
    root.setLevel(number)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(number if number <= logging.DEBUG else max(number, logging.WARNING))
    logging.captureWarnings(capture=True)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        # Loggers are made at import, before setup: caching would freeze what they knew then.
        cache_logger_on_first_use=False,
    )


def get(name: str) -> FilteringBoundLogger:
    """A logger for one module: `log = logs.get(__name__)`, then `log.info("feed polled", feed=1)`.

    Takes effect with the latest `setup`, also when made before it.
    """
    return cast("FilteringBoundLogger", structlog.stdlib.get_logger(name))


def shows_debug() -> bool:
    """Whether lines of level debug are written, for places where making one is dear."""
    return logging.getLogger().isEnabledFor(logging.DEBUG)


class _Formatter(structlog.stdlib.ProcessorFormatter):
    """Renders a record and redacts the finished line."""

    def __init__(
        self, redact: Callable[[str], str], *, foreign_pre_chain: list[Processor], processors: list[Processor]
    ) -> None:
        super().__init__(processors=processors, foreign_pre_chain=foreign_pre_chain)
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        return self._redact(super().format(record))


def printable(text: str) -> str:
    """`text` with line ends, controls and marks of writing direction as escapes."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else _escape(character) for character in text)


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode()


def _final(fmt: Literal["text", "json"], *, colours: bool) -> list[Processor]:
    strip = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    if fmt == "json":
        return [
            strip,
            structlog.processors.format_exc_info,
            _keep_message,
            structlog.processors.EventRenamer("message"),
            structlog.processors.JSONRenderer(serializer=_json, default=str),
        ]
    renderer = structlog.dev.ConsoleRenderer(
        colors=colours, pad_event_to=0, pad_level=False, exception_formatter=structlog.dev.plain_traceback
    )
    return [strip, structlog.processors.format_exc_info, _one_line, renderer]


def _keep_message(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """JSON calls the event "message": a value of that name would be lost to it."""
    if "message" in event:
        event["message_"] = event.pop("message")
    return event


def _json(event: EventDict, **options: Any) -> str:
    """JSON escapes the controls of ASCII; others can begin a line or turn it around, too."""
    line = json.dumps(event, ensure_ascii=False, **options)
    if line.isprintable():
        return line
    return "".join(each if each.isprintable() else json.dumps(each)[1:-1] for each in line)


def _one_line(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Keep an event on its line: what a feed says must not look like a log line of ours.

    A traceback has lines of its own, each marked, since the text of an exception may come from anywhere.
    """
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = _marked_lines(value) if key in {"exception", "stack"} else printable(value)
    return event


def _marked_lines(text: str) -> str:
    return "\n".join(f"│ {printable(line)}" for line in text.split("\n"))
