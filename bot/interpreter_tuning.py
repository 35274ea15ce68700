"""How CPython works beside the bot: its garbage collector, and how often threads change."""

import gc
import sys

OBJECTS = 10_000
"""Made and not freed before the collector looks at the youngest. With Python's 700 it takes a tenth of a poll's time."""
SWITCH_SECONDS = 0.001
"""After which a thread that waits gets the interpreter. Each statement of the database comes back from a thread of its
own: with Python's 0.005 it waits as long while the event loop is busy, twenty times and more for one message."""


def seldom() -> None:
    """Call before much is loaded: else the collector takes a sixth of the time for it."""
    gc.set_threshold(OBJECTS, *gc.get_threshold()[1:])


def settle() -> None:
    """Call once, when all that stays for the process's life was loaded.

    Else the collector goes through it again and again, 130,000 objects and more, and holds the event loop for 100 ms
    each time. `gc.unfreeze` takes it back.
    """
    gc.collect()
    gc.freeze()
    seldom()
    sys.setswitchinterval(SWITCH_SECONDS)
