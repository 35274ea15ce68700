from collections.abc import AsyncIterator

import pytest

from bot.store import Store
from tests.web.site import Site, site_of


@pytest.fixture
async def site(store: Store) -> AsyncIterator[Site]:
    async with site_of(store) as made:
        yield made
