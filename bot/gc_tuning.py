"""What Python's garbage collector looks at: little, and seldom."""

import gc

OBJECTS = 10_000
"""Made and not freed before the collector looks at the youngest. With Python's 700 it takes a tenth of a poll's time."""


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
