"""What stands there and is pressed later: every button, menu and form asks again what the person may do."""

import importlib
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("simcord", reason="the command tests need simcord: scripts/test installs it")

import discord
import simcord

import cogs
from bot.messages import welcome
from bot.model import BlockReason, FailureKind, FetchFailed, PollKind
from tests.builders import at, entry, read_outcome
from tests.cogs.conftest import FEED, World, reply
from tests.cogs.deputies import MINE, OTHER_FEED, THEIRS, Deputies, Overwrite, deputies
from tests.cogs.test_help import welcomed
from tests.cogs.test_notices import loop as notices_loop
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


# --- what stands in a channel or private message for everybody -----------------------------------------------


async def noticed(made: Deputies, *, topic: str) -> discord.Message:
    """The notice that a source of this topic fails, in the deputy's own channel."""
    world = made.world
    address = "https://alone.example/feed"
    world.discovery.put(address, found(address, "Alone", [entry(4)]))
    await world.ask("subscribe", source=address, topic=topic)
    await world.ask("status notices", channel=made.place)
    feed = await world.store.feeds.ensure(address, now=world.clock.now())
    failure = FetchFailed(FailureKind.HTTP, "The host answered with an error (500).")
    outcome = replace(read_outcome(feed, now=world.clock.now()), kind=PollKind.FAILED, failure=failure)
    await world.store.entries.apply(outcome)
    world.clock.advance(90_000)
    await notices_loop(world).round()
    message = made.place.last_message
    assert message is not None
    return message


async def of_theirs(world: World) -> list[tuple[int, str]]:
    """What the topic of others follows, and in which state."""
    sources = await world.store.topics.sources(world.guild.id, now=world.clock.now())
    return [(each.feed_id, each.state) for each in sources if each.topic == THEIRS]


@pytest.mark.parametrize("label", ["Retry", "Pause", "Unsubscribe"])
async def test_the_buttons_of_a_notice_ask_for_the_rights_in_the_topics_channel(world: World, label: str) -> None:
    made = await deputies(world)
    notice = await noticed(made, topic=THEIRS)
    before = await made.state()
    told = reply(await made.deputy.click(notice, label=label))
    assert f"You lack **Manage Channels** in <#{world.news.id}>" in told.text
    assert await made.state() == before
    # In their own topics, the same button works, and in these alone.
    theirs = await of_theirs(world)
    await world.ask("subscribe", source="https://alone.example/feed", topic=MINE)
    assert "You lack" not in reply(await made.deputy.click(notice, label=label)).text
    assert await of_theirs(world) == theirs


@pytest.mark.parametrize(
    ("which", "answer"), [("news", "You need the permission Manage Channels"), ("own", "I try again now")]
)
async def test_a_held_channel_is_tried_again_only_for_who_manages_it(world: World, which: str, answer: str) -> None:
    made = await deputies(world)
    await world.ask("status notices", channel=made.place)
    held, now = {"news": world.news, "own": made.own}[which], world.clock.now()
    await world.store.deliveries.hold(held.id, "rights", kind=BlockReason.ACCESS, now=now, probe_at=at(0))
    world.clock.advance(61)
    await notices_loop(world).round()
    notice = made.place.last_message
    assert notice is not None
    assert answer in reply(await made.deputy.click(notice, label="Try again")).text


async def failed(made: Deputies, channel: simcord.ChannelHandle) -> None:
    """What waits there has failed."""
    store, guild_id = made.world.store, made.world.guild.id
    [topic] = [each.topic for each in await store.topics.all(guild_id) if each.topic.channel_id == channel.id]
    address = f"https://{channel.id}.example/feed"
    made.world.discovery.put(address, found(address, "Failing", [entry(4)]))
    await made.world.ask("filter clear", topic=topic.name)
    await made.world.ask("subscribe", source=address, topic=topic.name)
    waiting = await store.deliveries.waiting(channel.id, limit=9)
    assert waiting
    await store.deliveries.fail([each.id for each, _alone in waiting], "Invalid Form Body")


async def test_only_failed_articles_of_ones_own_topics_are_listed(world: World) -> None:
    made = await deputies(world)
    for channel in (world.news, made.staff):
        await failed(made, channel)
    assert "No article has failed." in (await made.ask("status failed")).text
    await failed(made, made.own)
    assert "1 article" in (await made.ask("status failed")).text


@pytest.mark.parametrize("label", ["Replay 1", "Drop 1"])
@pytest.mark.parametrize("happens", [take_rights, hide, move_away])
async def test_failed_articles_are_out_of_reach_once_one_may_not_manage_their_topic(
    world: World, label: str, happens: Callable[[Deputies], Awaitable[None]]
) -> None:
    made = await deputies(world)
    await failed(made, made.own)
    listed = await made.ask("status failed")
    await happens(made)
    told = reply(await made.deputy.click(listed.message, label=label))
    assert "not among the failed ones any more" in told.text
    assert (await world.store.operating.overview(world.guild.id, now=world.clock.now())).failed


# --- the first topic --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chosen", ["news", "own"])
async def test_the_form_for_a_first_topic_asks_for_the_rights_in_the_chosen_channel(world: World, chosen: str) -> None:
    message = await welcomed(world)
    made = await deputies(world)
    channel = world.bot.get_channel(world.news.id)
    assert isinstance(channel, discord.TextChannel)
    member = await channel.guild.fetch_member(made.deputy.id)
    await channel.set_permissions(member, manage_channels=True)
    await world.env.settle()
    form = await made.deputy.click(message, custom_id=welcome.custom_id(welcome.TOPIC))
    await channel.set_permissions(member, overwrite=None)
    await world.env.settle()
    before = await made.state()
    told = reply(
        await made.deputy.submit_modal(
            form, {"sites": FEED, "channel": [{"news": world.news, "own": made.own}[chosen]]}
        )
    )
    if chosen == "own":
        assert "gets a new source: **A blog**" in told.text
    else:
        assert f"You lack **Manage Channels** in <#{world.news.id}>" in told.text
        assert await made.state() == before


def _modules() -> list[str]:
    folder = Path(cogs.__path__[0])
    return [".".join(("cogs", *path.relative_to(folder).with_suffix("").parts)) for path in folder.rglob("*.py")]


def test_every_view_form_and_lasting_button_is_among_these() -> None:
    tried = {name.partition(",")[0] for name in (*VIEWS, *FORMS)} | {
        "FailedPages",
        "NoticeButton",
        "FirstTopic",
        "TopicChoice",  # tests/cogs/test_first_hour.py
        "SourcePanel",  # tests/cogs/test_source_panel.py
        "RenameForm",  # tests/cogs/test_source_panel.py
        "PackChoice",  # tests/cogs/test_first_hour.py
        "WelcomeButton",
    }
    reads = {
        "Pages": "reads what the person may see at each press; tests/cogs/test_reading.py",
        "SourcePages": "reads what the person may see at each press; what it opens is SourcePanel",
        "SavedPages": "a person's own", "SaveButton": "a person's own", "SaveMenu": "a person's own",
        "FollowButton": "a person's own", "Jump": "the number of a page",
        "ChooseSeveral": "what Choose is made of; tried as Choose",
        "OwnedView": "what the others are made of", "ExpiringView": "what the others are made of",
        "_Form": "what the others are made of",
    }  # fmt: skip
    kinds = (discord.ui.View, discord.ui.Modal, discord.ui.DynamicItem)
    for module in map(importlib.import_module, _modules()):
        for name, value in vars(module).items():
            if isinstance(value, type) and issubclass(value, kinds) and value.__module__ == module.__name__:
                assert name in tried or name in reads, f"{name} has no test here"
