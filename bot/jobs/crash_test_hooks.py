"""The named steps of poll and delivery, so that a test can stop the process between any two of them."""

from collections.abc import Callable

Step = Callable[[str], None]
"""Called with the step that was just finished: `fetched`, `stored`, `planned`, `attempt-stored`, `sent`, `recorded`;
for persons also `matched` and `personal-planned`."""


def unobserved(_step: str) -> None:
    """Nobody watches."""
