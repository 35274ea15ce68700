"""When to try again, and what an answer of Discord's to a post means."""

import re

from bot.model import BlockReason, SendKind

_RETRIES = (2, 5, 15, 60, 300, 600, 1200, 1800)
_PROBES = (60, 120, 300, 900, 3600)

_NO_ACCESS = {
    10003: BlockReason.GONE,
    10004: BlockReason.LEFT,
    50001: BlockReason.ACCESS,
    50007: BlockReason.CLOSED,
    50013: BlockReason.ACCESS,
    50083: BlockReason.LOCKED,  # an archived thread
    160005: BlockReason.LOCKED,
    160006: BlockReason.FULL,  # active threads
    160007: BlockReason.FULL,  # active threads of announcements
    20026: BlockReason.CLOSED,  # the bot is taken for spam: whom it writes to privately hears nothing for a day
    50278: BlockReason.CLOSED,  # of servers, or none is shared any more; 50007 is a bot that was blocked (docs#8238)
}
_REMOVED = 10008
EDIT_LIMIT = 30046
"""Discord limits the edits of messages older than an hour, and does not say how."""
TOO_FAST = 40003
"""Private chats are opened too fast: it concerns all of them, and nobody refused anything."""
_LATER = frozenset(
    {
        20016,  # slow mode
        20022,  # announcements
        20028,  # the channel's write limit
        20029,  # the server's
        EDIT_LIMIT,
        TOO_FAST,
        40004,  # sending is switched off for now
        40006,  # the feature is switched off for now
        40062,  # a service is being rate limited
        110001,  # the application is not available yet
        130000,  # the resource is overloaded
    }
)
"""Whatever the status: not now, and neither the channel nor the content is at fault."""
CLOSED_PROBE_SECONDS = 86_400
"""Each try at a person who takes no messages counts towards Discord's 10,000 refusals."""
_REFUSED = frozenset({40005, 200000, 200001, 240000})
_NUMBERS_REACHED = range(30000, 31000)
"""Codes of "Maximum number of … reached": it passes when some of them go."""
KNOWN_REFUSALS = frozenset({20009, 50006, 50035, 40066, 40067, *_REFUSED})
"""They speak of the content, or of a forum's tags. A refusal by another code is not known to be for good."""
_LIMIT_WORDS = re.compile(
    r"\b(?:maximum number|limit(?:s|ed)?|too (?:many|fast|often|quickly)|temporar(?:y|ily)|try again|overloaded)\b",
    re.IGNORECASE,
)


def delay_seconds(attempts: int) -> int:
    """How long to wait after the attempt of this number, from 1."""
    return _RETRIES[min(max(attempts, 1), len(_RETRIES)) - 1]


def probe_seconds(probes: int, hold: BlockReason = BlockReason.ACCESS) -> int:
    """How long to wait until a held channel is probed for the time of this number, from 1."""
    if hold is BlockReason.CLOSED:
        return CLOSED_PROBE_SECONDS
    return _PROBES[min(max(probes, 1), len(_PROBES)) - 1]


def classify(status: int | None, code: int | None, *, json_body: bool, text: str = "") -> SendKind:
    """What became of a post.

    Args:
        status: the HTTP status; None if no answer came.
        code: Discord's JSON error code, None or 0 where there is none.
        json_body: whether the body was Discord's JSON. Without it a 403 or 429 comes from the network in front of
            Discord (Cloudflare), and says nothing about the channel: every channel waits.
        text: Discord's words. Where its code is not known, they tell whether a 400 speaks of a limit.
    """
    if status is None or status >= 500:
        return SendKind.UNKNOWN
    if status < 300:
        return SendKind.POSTED if json_body else SendKind.UNKNOWN
    if status == 401:
        return SendKind.UNAUTHORISED
    if status == 429 or code in _LATER or pauses_all(status, json_body=json_body):
        return SendKind.NOT_SENT
    if status == 400 and not _is_known(code) and _LIMIT_WORDS.search(text):
        return SendKind.NOT_SENT
    return _by_code(status, code)


def hold_kind(code: int | None) -> BlockReason:
    """Why a channel with this answer is held."""
    if code in _NUMBERS_REACHED:
        return BlockReason.FULL
    return _NO_ACCESS.get(code or 0, BlockReason.ACCESS)


def _is_known(code: int | None) -> bool:
    return code in KNOWN_REFUSALS or code in _NO_ACCESS or code == _REMOVED or code in _NUMBERS_REACHED


def pauses_all(status: int | None, *, json_body: bool) -> bool:
    """Whether Cloudflare answered instead of Discord, so that no channel may be written for a while."""
    return status in {403, 429} and not json_body


def _by_code(status: int, code: int | None) -> SendKind:
    if code == _REMOVED:
        return SendKind.REMOVED
    if code in _REFUSED or status == 413:
        return SendKind.REFUSED
    if code in _NO_ACCESS or code in _NUMBERS_REACHED or status in {403, 404}:
        return SendKind.NO_ACCESS
    if 400 <= status < 500:
        return SendKind.REFUSED
    return SendKind.UNKNOWN
