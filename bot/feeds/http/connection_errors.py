"""What went wrong on the way to a document, as a kind and in words that can be shown to people. Pure."""

import socket
import ssl

import aiohttp

from bot.feeds.http import decompress, ssrf_guard, transfer_meter
from bot.i18n.translation import N_
from bot.model import FailureKind, FetchFailed

UNKNOWN = N_("The host's name is not known, or leads into a network that this bot does not read.")
"""The same words for both: else anybody could ask which names a private network has."""
UNREACHED = N_("It cannot be reached as a feed.")
"""Of several addresses at once: what exactly went wrong would tell which ports of a host are open."""
_TELLING = frozenset(
    {
        FailureKind.DNS,
        FailureKind.CONNECT,
        FailureKind.TLS,
        FailureKind.TIMEOUT,
        FailureKind.BLOCKED_ADDRESS,
        FailureKind.BAD_ANSWER,
        FailureKind.BAD_ENCODING,
    }
)


def in_bulk(kind: FailureKind | None, message: str) -> str:
    """What is said of a failure where many addresses are looked at at once."""
    return UNREACHED if kind in _TELLING else message


def explain(error: Exception, *, seconds: float, megabytes: float, ports: str) -> FetchFailed | None:
    """Why there is no document; None for an error that nobody foresaw.

    Args:
        seconds: the time limit.
        megabytes: the limit of a document's size.
        ports: those that are allowed.
    """
    for kind, message, errors in (
        (FailureKind.BLOCKED_ADDRESS, UNKNOWN, ssrf_guard.BlockedAddressError),
        (
            FailureKind.BLOCKED_ADDRESS,
            N_("This bot reads feeds only from these ports: {ports}.").format(ports=ports),
            ssrf_guard.BlockedPortError,
        ),
        (
            FailureKind.TOO_LARGE,
            N_("The document is larger than {limit} MB.").format(limit=f"{megabytes:g}"),
            decompress.TooLargeError,
        ),
        (FailureKind.BAD_ENCODING, N_("The document's compression is broken."), decompress.EncodingError),
        (
            FailureKind.TIMEOUT,
            N_("The host sends its answer too slowly."),
            transfer_meter.SlowAnswerError,
        ),
        (
            FailureKind.TIMEOUT,
            N_("The host did not answer within {seconds} s.").format(seconds=f"{seconds:g}"),
            TimeoutError,
        ),
        (FailureKind.TLS, N_("The host's certificate is not valid."), (aiohttp.ClientSSLError, ssl.SSLError)),
        (FailureKind.DNS, UNKNOWN, (aiohttp.ClientConnectorDNSError, socket.gaierror)),
        (
            FailureKind.CONNECT,
            N_("The host cannot be reached."),
            (aiohttp.ClientConnectionError, aiohttp.ClientHttpProxyError, OSError),
        ),
        (FailureKind.BAD_ANSWER, N_("The host's answer broke off or made no sense."), aiohttp.ClientError),
    ):
        if isinstance(error, errors) or (
            _caused_by(error, ssrf_guard.BlockedAddressError) and kind is FailureKind.BLOCKED_ADDRESS
        ):
            return FetchFailed(kind, message)
    return None


def _caused_by(error: BaseException, kind: type[BaseException]) -> bool:
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, kind) or isinstance(getattr(seen, "os_error", None), kind):
            return True
        seen = seen.__cause__
    return False
