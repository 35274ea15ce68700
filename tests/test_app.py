"""What the composition root puts together."""

from pathlib import Path

from bot.app import App
from bot.config import Config, StoreSettings
from tests.builders import START, at, new, read_outcome
from tests.fakes import FakeClock


async def test_the_running_bot_obeys_filters(tmp_path: Path) -> None:
    config = Config(store=StoreSettings(url=f"sqlite:///{tmp_path}/a.db"))
    async with App(config, clock=FakeClock(START)) as app:
        topic = await app.store.topics.create(guild_id=1, name="news", channel_id=10, backfill=0, now=START)
        assert topic is not None
        feed = await app.store.feeds.ensure("https://blog.example/feed", now=START)
        await app.store.topics.subscribe(topic.id, feed.id, added_by=None, now=START)
        await app.store.entries.apply(read_outcome(feed))
        place = await app.client.services.filtering.place(topic)
        await app.client.services.filtering.set(place, "cloud")
        await app.store.entries.apply(read_outcome(feed, new(1, title="Rain"), new(2, title="Cloud"), now=at(1)))
        waiting = [delivery.article.title for delivery, _ in await app.store.deliveries.waiting(10, limit=9)]
    assert waiting == ["Cloud"]
