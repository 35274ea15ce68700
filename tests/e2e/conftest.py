from collections.abc import AsyncIterator

import pytest

from tests.wire.feedserver import FeedServer
from tests.wire.loopback.server import LoopbackDiscord


@pytest.fixture
async def discord() -> AsyncIterator[LoopbackDiscord]:
    async with LoopbackDiscord() as running:
        yield running
        assert (running.violations, running.mistakes) == ([], [])


@pytest.fixture
async def feeds() -> AsyncIterator[FeedServer]:
    async with FeedServer() as running:
        yield running
