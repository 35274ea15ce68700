"""What stands there and is pressed later: every button, menu and form asks again what the person may do."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

pytest.importorskip("simcord", reason="the command tests need simcord: scripts/test installs it")

import discord
import simcord

from tests.builders import at, entry
from tests.cogs.conftest import FEED, World, reply
from tests.cogs.deputies import MINE, OTHER_FEED, Deputies, Overwrite, deputies
from tests.fakes import found


async def take_rights(made: Deputies) -> None:
    await _set(made, manage_channels=None, send_messages=False)


async def hide(made: Deputies) -> None:
    await _set(made, view_channel=False)


async def _set(made: Deputies, **values: bool | None) -> None:
    channel = made.world.bot.get_channel(made.own.id)
    assert isinstance(channel, discord.TextChannel)
    guild = channel.guild
    await channel.set_permissions(await guild.fetch_member(made.deputy.id), overwrite=Overwrite(**values))
    await made.world.env.settle()


async def move_away(made: Deputies) -> None:
    await made.world.ask("topic edit", name=MINE, channel=made.quiet)


async def make_anew(made: Deputies) -> None:
    world = made.world
    topic = await world.store.topics.get(world.guild.id, MINE)
    assert topic is not None
    await world.store.topics.delete(topic.id, now=world.clock.now())
    await world.ask("topic create", name=MINE, channel=made.own)
    await world.ask("subscribe", source=FEED, topic=MINE)


async def time_out(made: Deputies) -> None:
    guild = made.world.bot.get_guild(made.world.guild.id)
    assert guild is not None
    member = await guild.fetch_member(made.deputy.id)
    await member.timeout(timedelta(hours=1))
    await made.world.env.settle()


LACKS = "You lack **Send Messages**"
Opening = Callable[["Deputies"], Awaitable[simcord.InteractionResult]]
MEANWHILE: dict[str, tuple[Callable[[Deputies], Awaitable[None]], str]] = {
    "rights were taken away": (take_rights, LACKS),
    "the channel was hidden": (hide, "There is no topic called"),
    "the topic was moved": (move_away, LACKS),
    "the topic was deleted and made anew": (make_anew, "There is no topic called"),
    "the person was timed out": (time_out, "You are timed out"),
}


# --- opened, and pressed later ---


async def open_confirmation(made: Deputies) -> simcord.InteractionResult:
    return await made.deputy.slash(made.place, "topic delete", name=MINE)


async def open_panel(made: Deputies) -> simcord.InteractionResult:
    return await made.deputy.slash(made.place, "topic edit", name=MINE)


def then(opening: Opening, label: str) -> Opening:
    async def opened(made: Deputies) -> simcord.InteractionResult:
        return await made.deputy.click(shown(await opening(made)), label=label)

    return opened


async def open_filter(made: Deputies) -> simcord.InteractionResult:
    return await made.deputy.slash(made.place, "filter set", topic=MINE)


async def open_choice(made: Deputies) -> simcord.InteractionResult:
    address = "https://two.example"
    made.world.discovery.put(
        address,
        found(OTHER_FEED, "One", [entry(9, published=at(-9))]),
        found("https://two.example/b", "Two", [entry(8, published=at(-8))]),
    )
    return await made.deputy.slash(made.place, "subscribe", source=address, topic=MINE)


VIEWS: dict[str, Opening] = {
    "Confirm": open_confirmation,
    "Panel, look": open_panel,
    "Panel, times": then(open_panel, "Times"),
    "Panel, channel": then(open_panel, "Channel"),
    "Choose": open_choice,
}
FORMS: dict[str, Opening] = {
    "FilterModal": open_filter,
    "LookForm": then(open_panel, "Name, colour, excerpt …"),
    "TimesForm": then(then(open_panel, "Times"), "Time zone and quiet hours …"),
}
"""What is shown of the deputy's own topic, and pressed or sent off when things are not as they were."""


def shown(result: simcord.InteractionResult) -> simcord.ResponseMessage:
    message = [result.response, *result.followups][-1]
    assert message is not None
    return message


async def press_all(made: Deputies, message: simcord.ResponseMessage) -> list[str]:
    """What each button and each menu answers."""
    role = made.world.guild.create_role("Open", mentionable=True)
    answers = []
    for row in message.components:
        for item in row["components"]:
            if item.get("disabled") or "custom_id" not in item:
                continue
            kind = discord.ComponentType(item["type"])
            if kind is discord.ComponentType.button:
                result = await made.deputy.click(message, custom_id=item["custom_id"])
            else:
                values: Any = {
                    discord.ComponentType.channel_select: [made.place],
                    discord.ComponentType.role_select: [role],
                }.get(kind) or [item["options"][-1]["value"]]
                result = await made.deputy.select(message, values, custom_id=item["custom_id"])
            assert result.modal is None, "a form is not shown any more"
            answers.append(reply(result).text)
    return answers


def fields(form: dict[str, Any]) -> dict[str, Any]:
    """The text fields of a form, as they are filled in when it is shown."""
    inputs = [item.get("component") or item["components"][0] for item in form["components"]]
    return {each["custom_id"]: each.get("value") or "" for each in inputs}


@pytest.mark.parametrize("what", MEANWHILE)
@pytest.mark.parametrize("view", VIEWS)
async def test_every_button_and_menu_asks_at_each_press(world: World, view: str, what: str) -> None:
    made, (happens, answer) = await deputies(world), MEANWHILE[what]
    message = shown(await VIEWS[view](made))
    await happens(made)
    before = await made.state()
    answers = await press_all(made, message)
    assert answers
    assert all(answer in each for each in answers), answers
    assert await made.state() == before


@pytest.mark.parametrize("what", MEANWHILE)
@pytest.mark.parametrize("form", FORMS)
async def test_every_form_asks_when_it_is_sent(world: World, form: str, what: str) -> None:
    made, (happens, answer) = await deputies(world), MEANWHILE[what]
    opened = await FORMS[form](made)
    assert opened.modal is not None
    await happens(made)
    before = await made.state()
    assert answer in reply(await made.deputy.submit_modal(opened, fields(opened.modal))).text
    assert await made.state() == before
