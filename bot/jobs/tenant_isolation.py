"""One server's trouble stays with that server: what fails unforeseen is logged and put off, and the others go on."""

from collections.abc import Awaitable

from bot import logs
from bot.errors import StoreError

log = logs.get(__name__)

UNFORESEEN = "an unforeseen error; the log has it"
PUT_OFF_SECONDS = 300.0
"""After which is tried again what failed in a way that nobody foresaw."""


async def goes_well(work: Awaitable[object], what: str, /, **ids: object) -> bool:
    """Whether it came to its end. A database that does not answer concerns everybody, and is raised.

    Args:
        what: words for the log.
        ids: by what an operator finds the server and the row.

    Raises:
        StoreError: the database did not answer.
    """
    try:
        await work
    except StoreError:
        raise
    except Exception:
        log.exception(
            "failed unforeseen; it is tried again later, and others go on",
            doing=what,
            in_seconds=PUT_OFF_SECONDS,
            **ids,
        )
        return False
    return True
