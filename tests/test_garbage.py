"""What Python's garbage collector looks at."""

import gc
from collections.abc import Iterator

import pytest

from bot import gc_tuning


@pytest.fixture(autouse=True)
def collector_as_it_was() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)


def test_what_is_loaded_is_left_alone_and_the_rest_looked_at_seldom() -> None:
    gc.collect()  # what other tests left is no part of it
    loaded = len(gc.get_objects())
    gc_tuning.settle()
    assert gc.get_freeze_count() > loaded / 2
    assert len(gc.get_objects()) < loaded / 10
    assert gc.get_threshold()[0] == gc_tuning.OBJECTS
