"""What is pressed after the bot was started again: private buttons say that they have expired, lasting ones work."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

pytest.importorskip("simcord", reason="these tests need simcord: scripts/test installs it")

import discord
import simcord

from bot.messages.save_buttons import SAVE
from cogs.ui.expired_views import FORM_EXPIRED
from cogs.ui.replies import EXPIRED
from tests.builders import at, entry
from tests.cogs import golden
from tests.cogs.conftest import FEED, Reply, World, reply
from tests.cogs.speech import discord_in
from tests.cogs.test_operating import fail_one
from tests.cogs.test_saving import followed, post
from tests.fakes import found

Show = Callable[[World], Awaitable[Reply]]


async def latest(world: World) -> Reply:
    return await world.ask("latest")


async def panel(world: World) -> Reply:
    return await world.ask("topic edit", name="Networks")


async def question(world: World) -> Reply:
    return await world.ask("topic delete", name="Networks")


async def forgetting(world: World) -> Reply:
    await world.ask("follow words", query="bgp")
    return await world.ask("forget me")


async def menu(world: World) -> Reply:
    world.discovery.put("https://blog.example", found(FEED, "Posts", [entry(1)]), found(f"{FEED}/2", "Talks", []))
    return await world.ask("subscribe", source="blog.example", topic="Networks")


async def failed(world: World) -> Reply:
    await fail_one(world, guild_id=world.guild.id, count=5)
    return await world.ask("status failed")


async def saved(world: World) -> Reply:
    message = await post(world, 101)
    await world.manager.click(message, label="Save")
    return await world.ask("saved")


def items(message: discord.Message | simcord.ResponseMessage) -> list[dict[str, Any]]:
    """The buttons and menus of a message, as Discord has them."""
    rows: list[Any] = [row if isinstance(row, dict) else row.to_dict() for row in message.components]
    return [item for row in rows for item in row["components"]]


async def press(world: World, shown: Reply) -> simcord.InteractionResult:
    """The first button or menu that can be pressed."""
    item = next(each for each in items(shown.message) if not each.get("disabled"))
    if "options" in item:
        return await world.manager.select(shown.message, [item["options"][0]["value"]], custom_id=item["custom_id"])
    return await world.manager.click(shown.message, custom_id=item["custom_id"])


@pytest.mark.parametrize("show", [latest, panel, question, forgetting, menu, failed, saved])
async def test_after_a_restart_a_private_view_says_that_it_has_expired(world: World, show: Show) -> None:
    await world.followed()
    shown = await show(world)
    before = (shown.message.content, shown.message.embeds)
    await world.restarted()
    pressed = await press(world, shown)
    assert reply(pressed).text.strip() == EXPIRED
    assert reply(pressed).private
    assert shown.message.components == []
    assert (shown.message.content, shown.message.embeds) == before, "what it said can still be read"
    assert len(await world.store.topics.all(world.guild.id)) == 1, "nothing was done"
    assert world.env.errors == []


async def test_the_answer_is_in_the_readers_language(world: World) -> None:
    await world.followed()
    shown = await latest(world)
    await world.restarted()
    with discord_in(world, "de"):
        told = reply(await press(world, shown))
    assert told.text.strip() not in {"", EXPIRED}


@pytest.mark.parametrize("command", ["topic edit", "latest", "filter set"])
async def test_a_form_that_was_open_over_a_restart_says_that_it_has_expired(world: World, command: str) -> None:
    listed = [entry(n, published=at(-n), position=n) for n in range(1, 20)]
    world.discovery.put(FEED, found(FEED, "A blog", listed))
    await world.followed()
    if command == "topic edit":
        shown = await panel(world)
        form = await world.manager.click(shown.message, label="Name, colour, excerpt …")
    elif command == "latest":
        shown = await latest(world)
        form = await world.manager.click(shown.message, label="1 / 4")
    else:
        form = await world.manager.slash(world.news, "filter set", topic="Networks")
    assert form.modal is not None
    await world.restarted()
    told = reply(await filled(world, form))
    assert told.text.strip() == FORM_EXPIRED
    assert told.private
    if command != "filter set":
        assert shown.message.components == []


async def test_what_stands_in_a_channel_works_after_a_restart(world: World) -> None:
    await followed(world)
    single = await post(world, 101)
    several = await post(world, *range(111, 120))
    await world.restarted()
    [button], [choice] = items(single), items(several)
    assert "Saved:" in reply(await world.reader.click(single, label="Save")).text
    told = reply(await world.reader.select(several, [choice["options"][0]["value"]])).text
    assert "Saved:" in told
    assert EXPIRED not in told
    assert (items(single), items(several)) == ([button], [choice])


async def test_only_what_is_dead_is_taken_away(world: World) -> None:
    """Under one message there may be both, and a link besides."""
    channel = world.bot.get_channel(world.news.id)
    assert isinstance(channel, discord.TextChannel)
    view = discord.ui.View(timeout=None)
    for button in (
        discord.ui.Button[Any](label="Save", custom_id=f"{SAVE}1"),
        discord.ui.Button[Any](label="Gone", custom_id="of another process"),
        discord.ui.Button[Any](label="Site", url="https://blog.example"),
    ):
        view.add_item(button)
    view.stop()
    message = await channel.send("mixed", view=view)
    told = reply(await world.reader.click(message, label="Gone"))
    assert told.text.strip() == EXPIRED
    left = world.news.last_message
    assert left is not None
    assert [item.get("label") for item in items(left)] == ["Save", "Site"]


async def test_two_quick_presses_do_not_take_a_living_panel_away(world: World) -> None:
    """The first one puts other buttons there; the second was on its way then."""
    await world.followed()
    shown = await panel(world)
    second = await both_at_once(world, shown)
    assert second.acknowledged
    assert not second.followups, "nothing is said"
    assert items(shown.message)
    await world.manager.click(shown.message, label="Times")
    assert world.env.errors == []


async def both_at_once(world: World, shown: Reply) -> simcord.InteractionResult:
    """Press a button that the panel has replaced meanwhile."""
    old = next(each for each in items(shown.message) if each.get("label") == "Times")
    stored = world.env.backend.get_message(world.news.id, shown.message.id)
    before = stored.components
    await world.manager.click(shown.message, custom_id=old["custom_id"])
    after, stored.components = stored.components, before
    try:
        return await world.manager.click(shown.message, custom_id=old["custom_id"])
    finally:
        stored.components = after


async def test_the_texts(world: World) -> None:
    await world.followed()
    shown = await latest(world)
    await world.restarted()
    golden.check("expired", "an expired button", reply(await press(world, shown)).text)
    form = await world.manager.slash(world.news, "filter set", topic="Networks")
    await world.restarted()
    golden.check("expired", "an expired form", reply(await filled(world, form)).text)


async def filled(world: World, form: simcord.InteractionResult) -> simcord.InteractionResult:
    """Submit a form with something in every field."""
    assert form.modal is not None
    fields = [each.get("component") or each["components"][0] for each in form.modal["components"]]
    return await world.manager.submit_modal(form, {each["custom_id"]: "1" for each in fields})
