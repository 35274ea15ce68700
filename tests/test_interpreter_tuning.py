"""What Python's garbage collector looks at, and how soon a thread gets the interpreter."""

import gc
import sys
from collections.abc import Iterator

import pytest

from bot import interpreter_tuning


@pytest.fixture(autouse=True)
def interpreter_as_it_was() -> Iterator[None]:
    thresholds, interval = gc.get_threshold(), sys.getswitchinterval()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)
    sys.setswitchinterval(interval)


def test_what_is_loaded_is_left_alone_and_the_rest_looked_at_seldom() -> None:
    gc.collect()  # what other tests left is no part of it
    loaded = len(gc.get_objects())
    interpreter_tuning.settle()
    assert gc.get_freeze_count() > loaded / 2
    assert len(gc.get_objects()) < loaded / 10
    assert gc.get_threshold()[0] == interpreter_tuning.OBJECTS


def test_the_threads_of_the_database_get_the_interpreter_soon_while_the_event_loop_is_busy() -> None:
    interpreter_tuning.settle()
    assert sys.getswitchinterval() < 0.002
