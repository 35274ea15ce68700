"""Commands, typing, buttons and menus reach an unchanged discord.py, and its answers are held to Discord's rules."""

from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import discord
import pytest

from tests.fakes import FakeClock
from tests.wire.conftest import Client
from tests.wire.loopback.interactions import COMMAND, Interaction
from tests.wire.loopback.people import NoAnswer, NotOffered
from tests.wire.loopback.server import LoopbackDiscord
from tests.wire.loopback.world import BOT_USER, Channel, Guild, Member

Click = discord.Interaction[Any]
Answer = Callable[[Click], Awaitable[None]]


@pytest.fixture
def mia(guild: Guild) -> Member:
    return guild.member("mia", "manage_channels")


async def publish(client: Client, answer: Answer) -> None:
    """One command, /hello, that is answered like this."""

    @client.tree.command(name="hello", description="d")
    async def hello(interaction: Click) -> None:
        await answer(interaction)

    await client.tree.sync()


async def test_a_command_arrives_with_its_options_and_the_answer_is_seen(
    loopback: LoopbackDiscord, client: Client, channel: Channel, mia: Member
) -> None:
    group = discord.app_commands.Group(name="topic", description="d")

    @group.command(name="create", description="d")
    async def create(
        interaction: Click, name: str, channel: discord.TextChannel, count: int = 1, loud: bool = False
    ) -> None:
        rights = interaction.permissions.manage_channels, interaction.app_permissions.embed_links
        await interaction.response.send_message(
            f"{interaction.user.name} {name} {channel.name} {count} {loud} {rights}", ephemeral=True
        )

    client.tree.add_command(group)
    await client.tree.sync()
    told = await loopback.ask(mia, channel, "topic create", name="News", channel=channel, count=2, loud=True)
    assert told.text == "mia News news 2 True (True, True)"
    assert told.private
    assert 0 <= told.acknowledged_seconds <= told.complete_seconds < 3
    assert (loopback.messages(channel), loopback.violations) == ([], [])


async def test_a_deferred_answer_keeps_the_privacy_of_the_defer(
    loopback: LoopbackDiscord, client: Client, channel: Channel, mia: Member
) -> None:
    async def answer(interaction: Click) -> None:
        await interaction.response.defer(ephemeral=True)
        thinking = await interaction.original_response()
        sent = await interaction.followup.send("first", wait=True)
        assert sent.id == thinking.id
        await interaction.followup.send("second", wait=True)

    await publish(client, answer)
    await loopback.ask(mia, channel, "hello")
    [asked] = loopback.interactions.all
    await loopback.wait_for(lambda: len(asked.answers) == 2)
    assert [(each.content, each.ephemeral) for each in asked.answers] == [("first", True), ("second", False)]
    assert [each.content for each in loopback.messages(channel)] == ["second"]


async def test_an_answer_can_be_edited_and_removed(
    loopback: LoopbackDiscord, client: Client, channel: Channel, mia: Member
) -> None:
    async def answer(interaction: Click) -> None:
        await interaction.response.send_message("one")
        await interaction.edit_original_response(content="two", embeds=[discord.Embed(title="three")])
        later = await interaction.followup.send("four", wait=True)
        await later.edit(content="five")
        await later.delete()

    await publish(client, answer)
    told = await loopback.ask(mia, channel, "hello")
    await loopback.wait_for(lambda: len(loopback.interactions.all[0].answers) == 2)
    await loopback.wait_for(lambda: loopback.interactions.all[0].answers[1].deleted)
    assert told.text == "two\nthree"
    assert [each.content for each in loopback.messages(channel)] == ["two"]


async def test_typing_is_answered_with_choices(
    loopback: LoopbackDiscord, client: Client, channel: Channel, mia: Member
) -> None:
    async def offer(interaction: Click, typed: str) -> list[discord.app_commands.Choice[str]]:
        return [discord.app_commands.Choice(name=f"{typed} {interaction.namespace.topic}", value="1")]

    @client.tree.command(description="d")
    @discord.app_commands.autocomplete(source=offer)
    async def follow(_: Click, source: str, topic: str) -> None: ...

    await client.tree.sync()
    offered = await loopback.suggest(mia, channel, "follow", "source", "clo", topic="News")
    assert [(each["name"], each["value"]) for each in offered] == [("clo News", "1")]


class Panel(discord.ui.View):
    @discord.ui.button(label="Change")
    async def change(self, interaction: Click, _button: Any) -> None:
        await interaction.response.edit_message(content="changed")

    @discord.ui.button(label="Later")
    async def later(self, interaction: Click, _button: Any) -> None:
        await interaction.response.defer()
        await interaction.edit_original_response(content="later", view=None)

    @discord.ui.button(label="Off", disabled=True)
    async def off(self, interaction: Click, _button: Any) -> None: ...

    @discord.ui.select(options=[discord.SelectOption(label="Red", value="r"), discord.SelectOption(label="Blue")])
    async def colour(self, interaction: Click, menu: Any) -> None:
        await interaction.response.send_message(f"you chose {menu.values}", ephemeral=True)


async def test_buttons_are_pressed_and_menus_chosen_from(
    loopback: LoopbackDiscord, client: Client, guild: Guild, channel: Channel, mia: Member
) -> None:
    async def answer(interaction: Click) -> None:
        await interaction.response.send_message("a", view=Panel(), ephemeral=True)

    await publish(client, answer)
    panel = await loopback.ask(mia, channel, "hello")
    assert panel.labels == ["Change", "Later", "Red", "Blue"]
    assert (await loopback.choose(mia, panel, "Red")).text == "you chose ['r']"
    assert (await loopback.press(mia, panel, "Change")).text == "changed"
    assert panel.text == "changed"
    with pytest.raises(NotOffered, match="does not see"):
        await loopback.press(guild.member("rob"), panel, "Change")
    assert (await loopback.press(mia, panel, "Later")).text == "later"
    for refused in (loopback.press(mia, panel, "Off"), loopback.choose(mia, panel, "Red")):
        with pytest.raises(NotOffered):
            await refused
    assert loopback.violations == []


async def test_what_discord_s_own_client_would_not_send_is_not_sent(
    loopback: LoopbackDiscord, client: Client, guild: Guild, channel: Channel, mia: Member
) -> None:
    @client.tree.command(description="d")
    @discord.app_commands.default_permissions(manage_channels=True)
    async def make(interaction: Click, name: discord.app_commands.Range[str, 1, 5]) -> None: ...

    await client.tree.sync()
    for who, command, options in (
        (guild.member("rob"), "make", {"name": "a"}),
        (mia, "make", {}),
        (mia, "make", {"name": "a", "size": 1}),
        (mia, "make", {"name": 1}),
        (mia, "make", {"name": "too long"}),
        (mia, "break", {}),
    ):
        with pytest.raises(NotOffered):
            await loopback.ask(who, channel, command, **options)
    assert loopback.interactions.all == []


async def test_silence_for_three_seconds_is_no_answer(
    loopback: LoopbackDiscord, client: Client, channel: Channel, mia: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silent(_: Click) -> None: ...

    await publish(client, silent)
    monkeypatch.setattr("tests.wire.loopback.people.ACKNOWLEDGE_SECONDS", 0.1)
    with pytest.raises(NoAnswer, match=r"/hello: no answer within 3 s"):
        await loopback.ask(mia, channel, "hello")


async def call(loopback: LoopbackDiscord, method: str, path: str, body: object = None) -> tuple[int, int | None]:
    """A raw request without Authorization, as interactions have none: the status and Discord's code."""
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, loopback.api_url + path, json=body) as answer,
    ):
        said = await answer.json() if answer.status != 204 else {}
        return answer.status, said.get("code")


def begin(loopback: LoopbackDiscord, channel: Channel, member: Member) -> tuple[Interaction, str, str]:
    """A command that the test answers itself: its callback's path, and that of its messages."""
    asked = loopback.interactions.begin(COMMAND, "/hello", member, channel)
    return asked, f"/interactions/{asked.id}/{asked.token}/callback", f"/webhooks/{BOT_USER['id']}/{asked.token}"


SILENT: dict[str, list[str]] = {"parse": []}
HELLO = {"type": 4, "data": {"content": "a", "allowed_mentions": SILENT}}


async def test_a_second_acknowledgement_a_late_one_and_one_of_nothing_are_refused(
    channel: Channel, mia: Member
) -> None:
    clock = FakeClock()
    async with LoopbackDiscord(clock) as loopback:
        _, callback, _ = begin(loopback, channel, mia)
        assert await call(loopback, "POST", f"{callback}?with_response=0", HELLO) == (204, None)
        assert await call(loopback, "POST", callback, HELLO) == (400, 40060)
        _, late, _ = begin(loopback, channel, mia)
        clock.advance(3.1)
        assert await call(loopback, "POST", late, HELLO) == (404, 10062)
        assert await call(loopback, "POST", "/interactions/1/none/callback", HELLO) == (404, 10062)
        assert loopback.violations == ["/hello was acknowledged twice", "/hello was acknowledged after 3 s"]
        assert loopback.mistakes == []


async def test_a_token_is_good_after_the_answer_and_for_fifteen_minutes(channel: Channel, mia: Member) -> None:
    clock = FakeClock()
    async with LoopbackDiscord(clock) as loopback:
        _, callback, messages = begin(loopback, channel, mia)
        more = {"content": "b", "allowed_mentions": SILENT}
        assert await call(loopback, "POST", messages, more) == (404, 10015)
        await call(loopback, "POST", callback, HELLO)
        assert await call(loopback, "POST", messages, more) == (200, None)
        assert await call(loopback, "GET", f"{messages}/messages/@original") == (200, None)
        assert await call(loopback, "GET", f"{messages}/messages/1") == (404, 10008)
        clock.advance(15 * 60)
        assert await call(loopback, "POST", messages, more) == (200, None)
        clock.advance(1)
        assert await call(loopback, "PATCH", f"{messages}/messages/@original", {"content": "c"}) == (401, 50027)
        assert await call(loopback, "POST", "/webhooks/1/none", more) == (404, 10015)
        assert loopback.mistakes == []


@pytest.mark.parametrize(
    "body",
    [
        {"type": 8, "data": {"choices": []}},
        {"type": 6},
        {"type": 5, "data": {"content": "a"}},
        {"type": 4, "data": {"content": "", "allowed_mentions": SILENT}},
        {"type": 4, "data": {"content": "a"}},
        {"type": 4, "data": {"content": "x" * 2001, "allowed_mentions": SILENT}},
        {
            "type": 4,
            "data": {"content": "a", "allowed_mentions": SILENT, "components": [{"type": 1, "components": []}]},
        },
        {
            "type": 4,
            "data": {
                "content": "a",
                "allowed_mentions": SILENT,
                "components": [
                    {"type": 1, "components": [{"type": 2, "style": 1, "label": "a", "custom_id": "a"}] * 2}
                ],
            },
        },
    ],
)
async def test_an_answer_that_discord_would_refuse_is_refused_and_remembered(
    loopback: LoopbackDiscord, channel: Channel, mia: Member, body: object
) -> None:
    asked, callback, _ = begin(loopback, channel, mia)
    assert await call(loopback, "POST", callback, body) == (400, 50035)
    assert loopback.violations
    assert asked.acknowledged_at is None


async def test_an_edit_may_not_leave_an_empty_message(loopback: LoopbackDiscord, channel: Channel, mia: Member) -> None:
    _, callback, messages = begin(loopback, channel, mia)
    await call(loopback, "POST", callback, HELLO)
    assert await call(loopback, "PATCH", f"{messages}/messages/@original", {"content": None}) == (400, 50035)
    assert loopback.violations == ["/hello: an edit that leaves nothing"]
