from collections.abc import AsyncIterator

import pytest

from tests.wire.feedserver import FeedServer


@pytest.fixture
async def server() -> AsyncIterator[FeedServer]:
    async with FeedServer() as running:
        yield running


@pytest.fixture
async def elsewhere() -> AsyncIterator[FeedServer]:
    """Another host: politeness, credentials and validators go by name and port."""
    async with FeedServer() as running:
        yield running
