"""What stands in a channel is in its server's language: what its admins chose, else what Discord says."""

from bot.i18n.translation import _
from bot.services.guilds.languages import REMEMBERED_SECONDS, Languages
from tests.jobs.conftest import GUILD, Bot

OTHER = 2


def speak(bot: Bot) -> Languages:
    """The loops ask what is spoken: one server is German by its own setting, the other American."""
    said = {GUILD: "de", OTHER: "en-US"}
    languages = Languages(bot.store, bot.clock, of_discord=said.get)
    bot.deliver._planner._language = languages.of
    bot.notices._language = languages.of
    return languages


async def publish_long(bot: Bot) -> None:
    """One article, cut in both servers, which follow one source."""
    german = await bot.topic(channel=10, guild=GUILD)
    english = await bot.topic(channel=20, guild=OTHER)
    feed = await bot.feed(german, english)
    await bot.publish(feed, words=200)


async def test_two_servers_get_one_article_in_two_languages(bot: Bot) -> None:
    speak(bot)
    await publish_long(bot)
    await bot.run(2)
    [german], [english] = bot.discord.in_channel(10), bot.discord.in_channel(20)
    assert "[Weiterlesen](https://blog.example/1)" in german.text
    assert "[Continue reading](https://blog.example/1)" in english.text
    assert _("Continue reading") == "Continue reading", "no language is left behind"


async def test_a_servers_own_choice_counts_more_than_what_discord_says(bot: Bot) -> None:
    languages = speak(bot)
    await languages.choose(OTHER, "de")
    await languages.choose(GUILD, "en")
    await publish_long(bot)
    await bot.run(2)
    [german], [english] = bot.discord.in_channel(20), bot.discord.in_channel(10)
    assert "[Weiterlesen]" in german.text
    assert "[Continue reading]" in english.text


async def test_a_choice_made_by_another_process_counts_after_a_minute(bot: Bot) -> None:
    languages = speak(bot)
    assert await languages.of(OTHER) == "en-US"
    await bot.store.guilds.choose_language(OTHER, "de")
    assert await languages.of(OTHER) == "en-US"
    bot.clock.advance(REMEMBERED_SECONDS)
    assert await languages.of(OTHER) == "de"
    await languages.choose(OTHER, None)
    assert await languages.of(OTHER) == "en-US"


async def test_a_server_that_discord_says_nothing_of_is_spoken_to_in_english(bot: Bot) -> None:
    assert await speak(bot).of(3) is None
