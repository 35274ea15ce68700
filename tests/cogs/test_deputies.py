"""Who manages one channel can do nothing in another: every managing command, button, menu and form, tried by such a person."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

pytest.importorskip("simcord", reason="the command tests need simcord: scripts/test installs it")

import discord
import simcord

from tests.builders import EVERY, at, entry
from tests.cogs.conftest import FEED, Reply, World, reply
from tests.fakes import found

THEIRS, STAFF, MINE, NOBODY = "Theirs", "Staff", "Mine", "Nobody"
"""Topics in #news, where the deputy may read and write; in #staff, which they do not see; in their own channel; and none."""
OTHER_FEED = "https://other.example/feed"
Overwrite = discord.PermissionOverwrite


@dataclass
class Deputies:
    """A server in which one person manages #own by an overwrite, and nothing else."""

    world: World
    deputy: simcord.MemberActor
    place: simcord.ChannelHandle
    """Where the deputy asks; they manage this channel too."""
    own: simcord.ChannelHandle
    quiet: simcord.ChannelHandle
    """Everybody reads it, few write in it."""
    staff: simcord.ChannelHandle

    async def ask(self, command: str, **options: object) -> Reply:
        return reply(await self.deputy.slash(self.place, command, **options))

    async def state(self) -> object:
        """All that a person could have changed."""
        store, guild_id, now = self.world.store, self.world.guild.id, self.world.clock.now()
        return (
            await store.topics.all(guild_id),
            await store.topics.sources(guild_id, now=now),
            await store.filters.all(guild_id, EVERY),
            await store.names.of(guild_id),
            await store.notices.place(guild_id),
            await self.world.bot.services.languages.of(guild_id),
            await store.imports.last(guild_id),
        )


async def deputies(world: World) -> Deputies:
    guild, everyone = world.guild, world.guild.default_role
    bot = world.bot.get_guild(guild.id)
    assert bot is not None
    deputy = guild.add_member(world.env.create_user("deputy"))
    manage, seen = Overwrite(manage_channels=True), Overwrite(view_channel=True, send_messages=True)
    place = guild.create_text_channel("place", overwrites={deputy: manage})
    own = guild.create_text_channel("own", overwrites={deputy: manage})
    quiet = guild.create_text_channel(
        "quiet", overwrites={everyone: Overwrite(send_messages=False), bot.me: seen, world.manager: seen}
    )
    staff = guild.create_text_channel(
        "staff", overwrites={everyone: Overwrite(view_channel=False), bot.me: seen, world.manager: seen}
    )
    world.discovery.put(OTHER_FEED, found(OTHER_FEED, "Other", [entry(9, published=at(-9))]))
    for name, channel in ((THEIRS, world.news), (STAFF, staff), (MINE, own)):
        await world.ask("topic create", name=name, channel=channel)
        await world.ask("subscribe", source=FEED, topic=name)
        await world.ask("filter set", topic=name, expression="cloud")
    return Deputies(world, deputy, place, own, quiet, staff)


TOPIC_COMMANDS: dict[str, tuple[str, dict[str, Any]]] = {
    "topic edit": ("name", {"colour": "#112233"}),
    "topic pause": ("name", {}),
    "topic resume": ("name", {}),
    "topic delete": ("name", {}),
    "filter set": ("topic", {"expression": "rain"}),
    "filter clear": ("topic", {}),
    "unsubscribe": ("topic", {"source": FEED}),
}
"""What changes a topic: refused where the person may read and write, but not manage."""
POSTING: dict[str, tuple[str, dict[str, Any]]] = {
    "topic test": ("name", {}),
    "subscribe": ("topic", {"source": OTHER_FEED}),
}
"""What has the bot post: refused where the person may not write."""
READING: dict[str, tuple[str, dict[str, Any]]] = {
    "filter test": ("topic", {"expression": "rain"}),
}
SERVER: dict[str, dict[str, Any]] = {
    "status language": {"language": "de"},
    "status notices": {"standard": True},
}
"""What counts for the whole server."""
NAMING_A_TOPIC = {**TOPIC_COMMANDS, **POSTING, **READING}
ELSEWHERE = {
    "topic create": "below",
    "topic list": "reads",
    "topic stats": "reads",
    "filter show": "reads",
    "source show": "reads",
    "source stats": "reads",
    "export": "reads",
    "status overview": "reads",
    "status failed": "below",
}


@pytest.mark.parametrize("command", TOPIC_COMMANDS)
async def test_a_topic_in_a_channel_that_one_does_not_manage_is_not_changed(world: World, command: str) -> None:
    made, (option, rest) = await deputies(world), TOPIC_COMMANDS[command]
    before = await made.state()
    told = await made.ask(command, **{option: THEIRS}, **rest)
    assert told.private
    assert f"You lack **Manage Channels** in <#{world.news.id}>" in told.text
    assert await made.state() == before


@pytest.mark.parametrize("command", TOPIC_COMMANDS)
async def test_in_the_own_channel_it_works(world: World, command: str) -> None:
    made, (option, rest) = await deputies(world), TOPIC_COMMANDS[command]
    if command == "topic resume":
        await made.ask("topic pause", name=MINE)
    told = await made.ask(command, **{option: MINE}, **rest)
    assert "You lack" not in told.text
    assert "no topic called" not in told.text


@pytest.mark.parametrize("command", NAMING_A_TOPIC)
async def test_a_topic_whose_channel_one_does_not_see_does_not_exist(world: World, command: str) -> None:
    made, (option, rest) = await deputies(world), NAMING_A_TOPIC[command]
    before = await made.state()
    told = await made.ask(command, **{option: STAFF}, **rest)
    assert told.text.replace(STAFF, "…") == (
        (await made.ask(command, **{option: NOBODY}, **rest)).text.replace(NOBODY, "…")
    )
    assert str(made.staff.id) not in told.text
    assert await made.state() == before


@pytest.mark.parametrize("command", POSTING)
async def test_the_bot_does_not_write_where_the_person_may_not(world: World, command: str) -> None:
    made, (option, rest) = await deputies(world), POSTING[command]
    await world.ask("topic create", name="Quiet", channel=made.quiet)
    before = await made.state()
    told = await made.ask(command, **{option: "Quiet"}, **rest)
    assert f"You lack **Send Messages** in <#{made.quiet.id}>" in told.text
    assert await made.state() == before


@pytest.mark.parametrize("command", POSTING)
async def test_who_may_write_in_a_topics_channel_may_give_it_sources_and_test_it(world: World, command: str) -> None:
    made, (option, rest) = await deputies(world), POSTING[command]
    told = await made.ask(command, **{option: THEIRS}, **rest)
    assert "You lack" not in told.text
    assert "It works" in told.text or "follows now: **Other**" in told.text


@pytest.mark.parametrize("command", SERVER)
async def test_the_overwrites_of_a_channel_do_not_count_for_the_server(world: World, command: str) -> None:
    made = await deputies(world)
    await world.ask("status notices", channel=world.news)
    before = await made.state()
    assert "This counts for the whole server" in (await made.ask(command, **SERVER[command])).text
    assert await made.state() == before


async def test_a_topic_is_made_only_where_one_manages_channels(world: World) -> None:
    made = await deputies(world)
    before = await made.state()
    told = await made.ask("topic create", name="New", channel=world.news)
    assert f"You lack **Manage Channels** in <#{world.news.id}>" in told.text
    told = await made.ask("topic create", name="New", channel=made.quiet)
    assert f"You lack **Send Messages**, **Manage Channels** in <#{made.quiet.id}>" in told.text
    assert await made.state() == before
    assert "flows into" in (await made.ask("topic create", name="New", channel=made.own)).text


@pytest.mark.parametrize("to", ["news", "quiet"])
async def test_a_topic_is_not_moved_to_where_one_manages_nothing(world: World, to: str) -> None:
    made = await deputies(world)
    before = await made.state()
    channel = {"news": world.news, "quiet": made.quiet}[to]
    told = await made.ask("topic edit", name=MINE, channel=channel)
    assert "You lack" in told.text
    panel = await made.ask("topic edit", name=MINE)
    place = await made.deputy.click(panel.message, label="Channel")
    assert place.response is not None
    menu = place.response.components[1]["components"][0]["custom_id"]
    told = reply(await made.deputy.select(place.response, [channel], custom_id=menu))
    assert "You lack" in told.text
    assert await made.state() == before


async def test_a_role_is_mentioned_only_for_who_may_mention_it(world: World) -> None:
    made = await deputies(world)
    role, free = world.guild.create_role("Everybody here"), world.guild.create_role("Open", mentionable=True)
    before = await made.state()
    told = await made.ask("topic edit", name=MINE, mention=role)
    assert f"You lack **Mention @everyone, @here, and All Roles** in <#{made.own.id}>" in told.text
    assert await made.state() == before
    assert f"mention <@&{free.id}>" in (await made.ask("topic edit", name=MINE, mention=free)).text


async def test_what_a_topic_mentions_goes_along_only_to_where_the_person_may_mention_it(world: World) -> None:
    made = await deputies(world)
    role = world.guild.create_role("Everybody here")
    other = world.guild.create_text_channel("other", overwrites={made.deputy: Overwrite(manage_channels=True)})
    await world.ask("topic edit", name=MINE, mention=role)
    told = await made.ask("topic edit", name=MINE, channel=other)
    assert f"You lack **Mention @everyone, @here, and All Roles** in <#{other.id}>" in told.text
    # What somebody else asked for stays; a change of something else does not ask for it again.
    assert "flows into" in (await made.ask("topic edit", name=MINE, colour="#112233")).text


@pytest.mark.parametrize(("option", "right"), [("own_names", "Manage Webhooks"), ("threads", "Create Public Threads")])
async def test_webhooks_and_threads_are_used_only_for_who_may_use_them(world: World, option: str, right: str) -> None:
    made = await deputies(world)
    channel = world.bot.get_channel(made.own.id)
    assert isinstance(channel, discord.TextChannel)
    await channel.set_permissions(channel.guild.default_role, create_public_threads=False)
    await channel.set_permissions(channel.guild.me, create_public_threads=True, manage_webhooks=True)
    await world.env.settle()
    before = await made.state()
    assert f"You lack **{right}**" in (await made.ask("topic edit", name=MINE, **{option: True})).text
    assert await made.state() == before


# --- what stands there, and is pressed later ---------------------------------------------------------------


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
