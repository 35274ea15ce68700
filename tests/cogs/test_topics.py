"""Topics as people make, change, try and delete them: the panel, starter packs, samples; every reply in a golden file."""

import pytest

pytest.importorskip("simcord", reason="these tests need simcord: scripts/test installs it")

import discord
import simcord

from bot.model import DigestSchedule, Picture, Style, Topic, TopicOptions
from tests.builders import START, at, entry
from tests.cogs import golden
from tests.cogs.conftest import World, reply
from tests.fakes import found


async def topic(world: World, name: str = "Networks") -> Topic:
    got = await world.store.topics.get(world.guild.id, name)
    assert got is not None
    return got


def check(world: World, name: str, text: str) -> None:
    """Ids differ from run to run."""
    for channel in (world.news, world.closed):
        text = text.replace(str(channel.id), str(channel.name))
    golden.check("topics", name, text)


def fields(message: simcord.ResponseMessage) -> dict[str, str]:
    embed, _newest = message.embeds
    return {field.name or "": field.value or "" for field in embed.fields}


def as_text(message: simcord.ResponseMessage) -> str:
    embed, _newest = message.embeds
    return "\n".join([f"[{embed.title}]", *(f"{name}: {value}" for name, value in fields(message).items())])


class Open:
    """The manager's panel of the topic "Networks"."""

    def __init__(self, world: World, message: simcord.ResponseMessage) -> None:
        self.world, self.message = world, message

    async def press(self, label: str) -> simcord.InteractionResult:
        result = await self.world.manager.click(self.message, label=label)
        self._take(result)
        return result

    async def choose(self, row: int, *values: object) -> simcord.InteractionResult:
        custom_id = self.message.components[row]["components"][0]["custom_id"]
        result = await self.world.manager.select(self.message, [*values], custom_id=custom_id)
        self._take(result)
        return result

    async def fill(self, label: str, values: dict[str, str]) -> simcord.InteractionResult:
        shown = await self.world.manager.click(self.message, label=label)
        assert shown.modal is not None
        by_label = {
            each["components"][0]["label"]: each["components"][0]["custom_id"] for each in shown.modal["components"]
        }
        result = await self.world.manager.submit_modal(shown, {by_label[key]: value for key, value in values.items()})
        self._take(result)
        return result

    def _take(self, result: simcord.InteractionResult) -> None:
        if result.response is not None and result.response.id == self.message.id:
            self.message = result.response


async def panel(world: World) -> Open:
    if await world.store.topics.get(world.guild.id, "Networks") is None:
        await world.ask("topic create", name="Networks", channel=world.news)
    shown = await world.ask("topic edit", name="Networks")
    assert shown.private
    return Open(world, shown.message)


# --- making ------------------------------------------------------------------------------------------


async def test_a_topic_begins_with_a_pack_and_what_could_not_be_read_is_named(world: World) -> None:
    [choice] = await world.manager.autocomplete(world.news, "topic create", "pack", "sea", name="N", channel=world.news)
    assert (choice["name"], choice["value"]) == ("Cables: Below the sea", "Cables")
    told = await world.ask("topic create", name="Networks", channel=world.news, pack="cables")
    assert told.private
    check(world, "a pack of which one feed cannot be read", told.text)
    [source] = await world.store.topics.sources(world.guild.id, (await topic(world)).id, now=START)
    assert source.title == "A blog"


async def test_a_pack_that_is_not_there_makes_no_topic(world: World) -> None:
    told = await world.ask("topic create", name="Networks", channel=world.news, pack="Cats")
    check(world, "no such pack", told.text)
    assert await world.store.topics.all(world.guild.id) == ()


async def test_long_reading_of_a_pack_shows_how_far_it_is(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    find, shown = world.discovery.find, []
    edit = discord.Interaction.edit_original_response

    async def slowly(source: str) -> object:
        world.clock.advance(5)
        return await find(source)

    async def seen(interaction: discord.Interaction, **changes: object) -> object:
        shown.append(str(changes["content"]))
        return await edit(interaction, **changes)  # type: ignore[arg-type]

    world.discovery.find = slowly  # type: ignore[method-assign,assignment]
    monkeypatch.setattr(discord.Interaction, "edit_original_response", seen)
    await world.ask("topic create", name="Networks", channel=world.news, pack="Cables")
    check(world, "reading a pack takes long", shown[0])


async def test_without_a_pack_the_next_step_is_named(world: World) -> None:
    told = await world.ask("topic create", name="Networks", channel=world.news)
    check(world, "made", told.text)


# --- the command's options ---------------------------------------------------------------------------


async def test_the_command_sets_how_articles_look_and_when_they_come(world: World) -> None:
    await world.ask("topic create", name="Networks", channel=world.news)
    told = await world.ask(
        "topic edit", name="Networks", style="compact", excerpt=100, picture="small", digest="weekly", digest_at="7:30",
        digest_day=6, zone="europe/berlin", quiet="22-7",
    )  # fmt: skip
    check(world, "options set by the command", told.text)
    changed = await topic(world)
    assert changed.options == TopicOptions(
        style=Style.COMPACT, excerpt=100, picture=Picture.SMALL, digest=DigestSchedule.WEEKLY, digest_minute=450, digest_day=6,
        zone="Europe/Berlin", quiet_from=22 * 60, quiet_to=7 * 60,
    )  # fmt: skip
    # The tests begin on Thursday, 1 January, at noon.
    assert await waits_until(world) == START.replace(day=4, hour=6, minute=30)


async def waits_until(world: World) -> object:
    import sqlalchemy as sa

    from bot.store.schema.tables import topics

    async with world.store._database.read() as connection:
        return await connection.scalar(sa.select(topics.c.digest_at))


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"zone": "Atlantis"}, "no such time zone"),
        ({"quiet": "at night"}, "quiet hours that cannot be read"),
        ({"quiet": "22:00-22:00"}, "quiet hours without an end"),
        ({"digest_at": "25:00"}, "no such time"),
        ({"colour": "green"}, "no such colour"),
        ({"publish": True}, "no announcement channel"),
    ],
)
async def test_what_cannot_be_set_says_why_and_changes_nothing(
    world: World, options: dict[str, object], name: str
) -> None:
    await world.ask("topic create", name="Networks", channel=world.news)
    told = await world.ask("topic edit", **({"name": "Networks"} | options))
    check(world, name, told.text)
    assert (await topic(world)).options == TopicOptions()


async def test_zones_are_suggested(world: World) -> None:
    found_ = await world.manager.autocomplete(world.news, "topic edit", "zone", "new y", name="Networks")
    assert [each["value"] for each in found_] == ["America/New_York"]


# --- the panel ---------------------------------------------------------------------------------------


async def test_the_panel_shows_all_settings(world: World) -> None:
    shown = await panel(world)
    check(world, "the panel", as_text(shown.message))


async def test_the_look_is_chosen_in_the_panel(world: World) -> None:
    shown = await panel(world)
    await shown.choose(1, "compact")
    await shown.choose(2, "off")
    assert fields(shown.message)["Style"].startswith("Compact")
    options = (await topic(world)).options
    assert (options.style, options.picture) == (Style.COMPACT, Picture.OFF)
    await shown.fill(
        "Name, colour, excerpt …", {"Name": "Cables", "Colour": "#112233", "Characters of an excerpt; 0 for none": "0"}
    )
    changed = await topic(world, "Cables")
    assert (changed.colour, changed.options.excerpt) == (0x112233, 0)
    assert fields(shown.message)["Excerpt"] == "none"


async def test_digest_and_quiet_hours_are_set_in_the_panel(world: World) -> None:
    shown = await panel(world)
    await shown.press("Times")
    await shown.choose(1, "weekly")
    await shown.choose(2, "2")
    await shown.choose(3, str(19 * 60))
    await shown.fill(
        "Time zone and quiet hours …", {"Time zone": "Asia/Tokyo", "Quiet hours; empty for none": "23:00 - 6:30"}
    )
    check(world, "the panel with a digest and quiet hours", as_text(shown.message))
    assert (await topic(world)).options == TopicOptions(
        digest=DigestSchedule.WEEKLY,
        digest_day=2,
        digest_minute=19 * 60,
        zone="Asia/Tokyo",
        quiet_from=23 * 60,
        quiet_to=390,
    )
    assert await waits_until(world) == START.replace(day=7, hour=10)
    await shown.fill("Time zone and quiet hours …", {"Quiet hours; empty for none": ""})
    await shown.choose(1, "off")
    assert (await topic(world)).options.quiet_from is None
    assert await waits_until(world) is None


async def test_a_form_that_cannot_be_read_says_so_and_changes_nothing(world: World) -> None:
    shown = await panel(world)
    told = reply(await shown.fill("Name, colour, excerpt …", {"Characters of an excerpt; 0 for none": "many"}))
    check(world, "an excerpt that is no number", told.text)
    assert told.private
    await shown.press("Times")
    told = reply(await shown.fill("Time zone and quiet hours …", {"Time zone": "Atlantis"}))
    check(world, "no such time zone", told.text)
    assert (await topic(world)).options == TopicOptions()


async def test_channel_role_and_channel_options_are_set_in_the_panel(world: World) -> None:
    announcements = world.guild.create_news_channel("announcements")
    readers = world.guild.create_role("Readers")
    shown = await panel(world)
    await shown.press("Channel")
    await shown.choose(1, announcements)
    await shown.choose(2, readers)
    await shown.press("Publish")
    changed = await topic(world)
    assert changed.channel_id == announcements.id
    assert changed.options == TopicOptions(mention_role=readers.id, publish=True)
    assert fields(shown.message)["Channel options"] == "published to following servers"
    await shown.press("Mention nobody")
    await shown.press("Publish")
    assert (await topic(world)).options == TopicOptions()


async def test_a_channel_that_cannot_be_written_to_is_refused_in_the_panel(world: World) -> None:
    shown = await panel(world)
    await shown.press("Channel")
    told = reply(await shown.choose(1, world.closed))
    check(world, "a channel in which rights are missing", told.text)
    assert (await topic(world)).channel_id == world.news.id


async def test_done_takes_the_buttons_away(world: World) -> None:
    shown = await panel(world)
    await shown.press("Done")
    assert shown.message.components == []


async def test_somebody_else_cannot_use_the_panel_and_an_expired_one_says_so(world: World) -> None:
    from cogs.ui.replies import EXPIRED
    from cogs.ui.views import TIMEOUT_SECONDS

    shown = await panel(world)
    with pytest.raises(simcord.SetupError):  # it is private
        await world.reader.click(shown.message, label="Times")
    await world.env.advance_time(TIMEOUT_SECONDS + 1)
    assert (shown.message.content, shown.message.components) == (EXPIRED, [])


async def test_a_panel_whose_topic_is_gone_says_so(world: World) -> None:
    shown = await panel(world)
    await world.store.topics.delete((await topic(world)).id, now=START)
    told = reply(await shown.choose(1, "compact"))
    check(world, "a panel whose topic is gone", told.text)


async def test_who_may_not_manage_channels_cannot_edit(world: World) -> None:
    await world.ask("topic create", name="Networks", channel=world.news)
    with pytest.raises(simcord.SetupError, match="not visible to this user"):
        await world.reader.slash(world.news, "topic edit", name="Networks")


# --- trying and deleting -----------------------------------------------------------------------------


async def test_a_sample_is_posted_and_taken_away_again(world: World) -> None:
    await world.followed()
    before = world.news.history()
    told = await world.ask("topic test", name="Networks")
    check(world, "a sample that was posted", told.text)
    assert [embed.title for embed in told.message.embeds] == ["Article 1"]
    assert world.news.history() == before


async def test_a_sample_of_a_topic_without_articles(world: World) -> None:
    await world.ask("topic create", name="Networks", channel=world.news)
    check(world, "a sample of a topic without articles", (await world.ask("topic test", name="Networks")).text)


async def test_what_stands_in_the_way_of_a_sample_is_named(world: World) -> None:
    await world.followed()
    await world.store.changes.edit_topic(
        (await topic(world)).id, name=None, channel_id=world.closed.id, colour=None, now=START
    )
    check(world, "a sample where rights are missing", (await world.ask("topic test", name="Networks")).text)


async def test_a_forum_needs_one_more_right_for_a_sample(world: World) -> None:
    forum = world.guild.create_forum_channel("forum")
    await world.ask("topic create", name="Networks", channel=forum)
    told = (await world.ask("topic test", name="Networks")).text.replace(str(forum.id), "forum")
    check(world, "a sample in a forum", told)
    channel = world.bot.get_channel(forum.id)
    assert isinstance(channel, discord.ForumChannel)
    assert channel.threads == []
    await channel.set_permissions(channel.guild.default_role, manage_threads=False)
    await world.env.settle()
    told = (await world.ask("topic test", name="Networks")).text.replace(str(forum.id), "forum")
    check(world, "a sample in a forum whose posts cannot be deleted", told)


async def test_the_question_before_deleting_names_what_is_concerned(world: World) -> None:
    await world.followed()
    question = await world.ask("topic delete", name="networks")
    check(world, "the question before deleting", question.text)
    await world.manager.click(question.message, label="Keep it")
    assert len(await world.store.topics.all(world.guild.id)) == 1
    question = await world.ask("topic delete", name="networks")
    await world.manager.click(question.message, label="Delete")
    check(world, "a list without topics", (await world.ask("topic list")).text)


async def test_two_servers_do_not_see_each_other_s_topics(world: World) -> None:
    await world.ask("topic create", name="Networks", channel=world.news)
    other = world.env.create_guild("Others")
    talk = other.create_text_channel("talk")
    boss = other.add_member(
        world.env.create_user("zoe"),
        roles=[other.create_role("M", permissions=discord.Permissions(manage_channels=True))],
    )
    told = reply(await boss.slash(talk, "topic edit", name="Networks"))
    check(world, "a topic of another server", told.text)
    assert await boss.autocomplete(talk, "topic edit", "name", "") == []


async def test_a_second_cloud_pack_can_be_read_too(world: World) -> None:
    world.discovery.put(
        "https://cloud.example/feed", found("https://cloud.example/feed", "Clouds", [entry(9, published=at(-1))])
    )
    told = await world.ask("topic create", name="Clouds", channel=world.news, pack="Clouds")
    check(world, "a pack", told.text)


async def test_as_many_topics_as_a_server_may_have_are_all_listed(world: World) -> None:
    for number in range(50):
        await world.store.topics.create(
            guild_id=world.guild.id,
            name=f"{number:02} {'_' * 47}",
            channel_id=world.news.id,
            created_by=1,
            limit=50,
            now=world.clock.now(),
        )
    shown = await world.ask("topic list")
    pages = [shown.text]
    for _ in range(4):
        shown = reply(await world.manager.click(shown.message, label="Next ▶"))
        pages.append(shown.text)
    assert all("50 topics" in page for page in pages)
    assert [number for number in range(50) if f"**{number:02} " not in "".join(pages)] == []
