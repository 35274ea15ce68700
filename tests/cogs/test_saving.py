"""Saving for later: the button and the menu under posts, the entries of a message's menu, and /saved."""

from dataclasses import replace
from typing import Any

import pytest

pytest.importorskip("simcord", reason="the command tests need simcord: scripts/test installs it")

import discord
import simcord

from bot.clock import SystemClock
from bot.jobs.crash_test_hooks import unobserved
from bot.jobs.discord_health import DiscordHealth
from bot.jobs.posting.delivery_loop import MAX_CHANNELS, DeliverJob
from bot.jobs.posting.send_results import SETTLED_SECONDS
from bot.messages import save_buttons
from bot.messages.renderer import EmbedRenderer
from bot.messages.save_buttons import KEEP
from bot.posting.discord.sender import DiscordSender
from bot.posting.pacing.circuit_breaker import CircuitBreaker
from cogs.ui.replies import EXPIRED
from cogs.ui.views import TIMEOUT_SECONDS
from tests.builders import at, entry, new, read_outcome
from tests.cogs import golden
from tests.cogs.conftest import FEED, World, reply
from tests.standins import anywhere, english, may_go, nothing

AREA = "reading"


async def post(world: World, *numbers: int, title: str | None = None) -> discord.Message:
    """New articles of the blog, posted as the bot posts them. The last message."""
    feed = await world.store.feeds.ensure(FEED, now=world.clock.now())
    listed = [replace(new(n, published=at(n), title=title or f"Posted {n}"), known_id=None) for n in numbers]
    await world.store.entries.apply(read_outcome(feed, *listed, now=at(500)))
    return await deliver(world)


async def deliver(world: World, place: simcord.ChannelHandle | None = None) -> discord.Message:
    """What waits is posted. The last message in the place."""
    traffic = CircuitBreaker()
    hearing = DiscordHealth(world.store, traffic, world.clock, on_more=lambda: None, on_unauthorised=lambda: None)
    sender = DiscordSender(world.bot, SystemClock(), canonical=str)
    job = DeliverJob(
        world.store, sender, EmbedRenderer(), traffic, hearing, world.clock,
        save_row=True, settled_seconds=SETTLED_SECONDS, on_more=nothing, most_channels=MAX_CHANNELS, step=unobserved, survey=anywhere, language=english,
        may_go=may_go,
    )  # fmt: skip
    await job.round()
    await job.close(grace_seconds=5)
    message = (place or world.news).last_message
    assert message is not None
    return message


async def followed(world: World) -> None:
    """The blog, its older articles not to be posted."""
    await world.followed()
    await world.store.deliveries.fail([1], "not of this test")


async def click(world: World, message: object, label: str) -> str:
    told = reply(await world.manager.click(message, label=label))  # type: ignore[arg-type]  # whatever shows buttons
    assert told.private
    return told.text


async def test_an_article_is_saved_with_the_button_under_its_post_and_read_later(world: World) -> None:
    await followed(world)
    message = await post(world, 101)
    golden.check(AREA, "Save, pressed", await click(world, message, "Save"))
    golden.check(AREA, "Save, pressed again", await click(world, message, "Save"))
    shown = await world.ask("saved")
    golden.check(AREA, "/saved", shown.text)
    assert "1 article · page 1 of 1" in await of(world, world.manager)
    assert "Posted 101" not in await of(world, world.reader)


async def of(world: World, who: simcord.MemberActor, **options: object) -> str:
    told = reply(await who.slash(world.news, "saved", **options))
    assert told.private
    return told.text


async def test_of_a_post_of_several_articles_some_are_chosen_from_a_menu(world: World) -> None:
    await followed(world)
    message = await post(world, *range(101, 110))
    [row] = message.components
    assert isinstance(row, discord.ActionRow)
    [menu] = row.children
    assert isinstance(menu, discord.SelectMenu)
    assert (menu.custom_id, menu.placeholder, len(menu.options)) == (KEEP, "🔖 Save for later", 9)
    chosen = [option.value for option in menu.options if option.label in {"Posted 103", "Posted 105"}]
    told = reply(await world.manager.select(message, chosen))
    golden.check(AREA, "two articles chosen from the menu under a post", told.text)
    saved = await of(world, world.manager)
    assert "Posted 103" in saved
    assert "Posted 105" in saved
    assert "Posted 104" not in saved


async def test_what_was_read_is_marked_moved_back_and_removed(world: World) -> None:
    await followed(world)
    for number in range(101, 108):
        await click(world, await post(world, number), "Save")
        world.clock.advance(1)
    pages = await world.ask("saved")
    assert "7 articles · page 1 of 2" in pages.text
    assert "**1.** **[Posted 107]" in pages.text
    marked = reply(await world.manager.click(pages.message, custom_id=buttons(pages.message)["✅ 2"])).text
    assert "Posted 106" not in marked
    assert "Posted 102" in marked  # the next one took the free place
    assert "6 articles · page 1 of 2" in marked
    removed = reply(await world.manager.click(pages.message, custom_id=buttons(pages.message)["🗑️ 1"])).text
    assert "Posted 107" not in removed
    assert "5 articles · page 1 of 1" in removed
    done = await world.ask("saved", show="read")
    golden.check(AREA, "/saved, what was read", done.text)
    back = reply(await world.manager.click(done.message, custom_id=buttons(done.message)["↩️ 1"])).text
    golden.check(AREA, "/saved, nothing read yet", back)
    assert "6 articles" in await of(world, world.manager)


def buttons(message: simcord.ResponseMessage) -> dict[str, str]:
    """From what a button shows to its id."""
    return {
        " ".join(filter(None, ((each.get("emoji") or {}).get("name"), each.get("label")))): each["custom_id"]
        for row in message.components
        for each in row["components"]
    }


async def test_nothing_saved_says_how_to_save(world: World) -> None:
    golden.check(AREA, "/saved, nothing", await of(world, world.manager))


async def test_saved_articles_are_read_in_a_private_chat(world: World) -> None:
    await followed(world)
    await click(world, await post(world, 101), "Save")
    told = reply(await world.manager.user.slash("saved"))
    assert "Posted 101" in told.text


async def test_a_message_s_menu_saves_its_article(world: World) -> None:
    await followed(world)
    message = await post(world, 101)
    told = reply(await world.manager.context_menu(world.news, "Save for later", message))
    assert told.private
    assert "Saved: **Posted 101**" in told.text
    several = await post(world, *range(111, 120))
    asked = reply(await world.manager.context_menu(world.news, "Save for later", several))
    golden.check(AREA, "Save for later, a message of several articles", asked.text)
    options = asked.message.components[0]["components"][0]["options"]
    assert (
        "2 articles are saved"
        in reply(await world.manager.select(asked.message, [each["value"] for each in options[:2]])).text
    )


async def test_a_message_without_an_article_is_said_to_have_none(world: World) -> None:
    message = await world.manager.send(world.news, "hello")
    for name in ("Save for later", "More from this source"):
        told = reply(await world.manager.context_menu(world.news, name, message))
        golden.check(AREA, f"{name}, on somebody's message", told.text)


async def test_more_from_a_source_is_its_river(world: World) -> None:
    await followed(world)
    message = await post(world, 101)
    told = reply(await world.manager.context_menu(world.news, "More from this source", message))
    assert "Latest in A blog" in told.text
    assert "8 articles · page 1 of 2" in told.text
    assert "page 2 of 2" in reply(await world.manager.click(told.message, label="Older ▶")).text
    await world.ask("unsubscribe", source="A blog", topic="Networks")
    gone = reply(await world.manager.context_menu(world.news, "More from this source", message))
    golden.check(AREA, "More from this source, not followed any more", gone.text)


async def test_what_is_saved_stays_when_its_source_goes_and_the_old_button_says_so(world: World) -> None:
    await followed(world)
    message = await post(world, 101)
    await click(world, message, "Save")
    async with world.store._database.write() as connection:
        await connection.exec_driver_sql("DELETE FROM feeds")
    assert "**[Posted 101](<https://blog.example/101>)**" in await of(world, world.manager)
    told = reply(await world.reader.click(message, label="Save"))
    golden.check(AREA, "Save, its source was removed", told.text)


async def test_a_person_is_forgotten_with_all_they_saved(world: World) -> None:
    await followed(world)
    message = await post(world, 101)
    await click(world, message, "Save")
    await world.reader.click(message, label="Save")
    assert await world.store.saved.forget(world.manager.id) == 1
    assert "Nothing here" in await of(world, world.manager)
    assert "Posted 101" in await of(world, world.reader)


async def test_there_is_room_for_so_many_and_no_more(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.services.personal.saved_articles.MOST", 1)
    await followed(world)
    await click(world, await post(world, 101), "Save")
    golden.check(AREA, "Save, no room", await click(world, await post(world, 102), "Save"))


async def test_the_buttons_of_saved_articles_are_taken_away_when_nobody_uses_them(world: World) -> None:
    await followed(world)
    await click(world, await post(world, 101), "Save")
    shown = await world.ask("saved")
    await world.env.advance_time(TIMEOUT_SECONDS + 1)
    assert (shown.message.content, shown.message.components) == (EXPIRED, [])


async def test_a_title_full_of_markdown_does_no_harm(world: World) -> None:
    await followed(world)
    message = await post(world, 101, title="**x** @everyone](https://evil.example)")
    said = await click(world, message, "Save")
    saved = await of(world, world.manager)
    assert "@everyone" not in said + saved
    assert "(https://evil" not in saved  # words with an address in them are no link


async def test_articles_without_a_title_are_told_apart_by_their_first_words(world: World) -> None:
    await world.followed()
    listed = []
    for number, words in enumerate(("Good morning everybody.", "The cable is cut again.")):
        made = replace(entry(100 + number, published=at(number)), title="", text=words, summary_html=f"<p>{words}</p>")
        listed.append(replace(new(100 + number), entry=made))
    source = await world.store.feeds.ensure(FEED, now=world.clock.now())
    await world.store.entries.apply(read_outcome(source, *listed, now=at(100)))
    waiting = await world.store.deliveries.waiting(world.news.id, limit=10)
    articles = [delivery.article for delivery, _ in waiting if not delivery.article.title]
    [menu] = save_buttons.row(articles)["components"]
    assert [option["label"] for option in menu["options"]] == ["Good morning everybody.", "The cable is cut again."]
    said = await click(world, await deliver(world), "Save")
    assert said.strip() == "Saved: **Good morning everybody.**. `/saved` shows what you keep."
    assert "Good morning everybody." in (await world.ask("saved")).text


async def test_presses_are_acknowledged_before_the_database_is_asked(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Discord waits for 3 s; a database may be busy for longer."""
    order: list[str] = []
    saving_of, defer = world.bot.services.saving, discord.InteractionResponse.defer

    async def acknowledged(response: discord.InteractionResponse[Any], **options: Any) -> Any:
        order.append("acknowledged")
        return await defer(response, **options)

    def noted(name: str) -> None:
        asked = getattr(saving_of, name)

        async def noted_first(*args: Any, **named: Any) -> Any:
            order.append(name)
            return await asked(*args, **named)

        monkeypatch.setattr(saving_of, name, noted_first)

    await world.followed()
    message = await post(world, 100)
    monkeypatch.setattr(discord.InteractionResponse, "defer", acknowledged)
    for name in ("shown_in", "mark", "remove"):
        noted(name)
    await world.manager.context_menu(world.news, "Save for later", message)
    assert order[:2] == ["acknowledged", "shown_in"]
    for button, name, show in (("✅ 1", "mark", "unread"), ("🗑️ 1", "remove", "read")):
        shown = await world.ask("saved", show=show)
        order.clear()
        await world.manager.click(shown.message, custom_id=buttons(shown.message)[button])
        assert order[:2] == ["acknowledged", name]
