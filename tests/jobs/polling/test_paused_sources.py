"""A paused source is read all the same: what its feed lists during the pause is kept."""

from bot.model import ParsedFeed
from tests.builders import at, entry
from tests.jobs.polling.test_poll_loop import GUILD, URL, Bot, bot, page

__all__ = ["bot"]


async def test_a_source_that_is_paused_everywhere_is_read_all_the_same_and_what_comes_is_kept(bot: Bot) -> None:
    await bot.follow(URL)
    bot.hosts.put(URL, page())
    await bot.round()
    feed_id = (await bot.sources())[URL].feed_id
    await bot.store.changes.pause_source(GUILD, feed_id, paused=True, now=bot.clock.now())
    for number in (3, 4, 5):  # each scrolls out of the feed with the next
        bot.parser.documents[b"more"] = ParsedFeed("A blog", None, None, (entry(number, published=at(60 * number)),))
        bot.hosts.put(URL, page(body=b"more", digest=f"d{number}"))
        await bot.round(after_seconds=8000)
    await bot.store.changes.pause_source(GUILD, feed_id, paused=False, now=bot.clock.now())
    waiting = [delivery.article.title for delivery, _ in await bot.store.deliveries.waiting(10, limit=9)]
    assert waiting[-3:] == ["Article 3", "Article 4", "Article 5"]
