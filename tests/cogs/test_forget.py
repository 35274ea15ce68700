"""/forget me with all that the bot keeps of a person, wired as in the bot itself."""

import pytest

pytest.importorskip("simcord", reason="the command tests need simcord: scripts/test installs it")

from bot.services.transfer.importer import anybody
from bot.store.schema.tables import metadata
from tests.cogs import golden
from tests.cogs.conftest import FEED, World, reply
from tests.cogs.test_saving import followed, post
from tests.jobs.importer import opml as listing


async def keeps(world: World) -> None:
    """The reader and the manager saved an article each; the reader follows a word besides."""
    await followed(world)
    message = await post(world, 101)
    for person in (world.reader, world.manager):
        await person.click(message, label="Save")


async def test_saved_articles_are_named_and_deleted_and_those_of_others_stay(world: World) -> None:
    await keeps(world)
    await world.reader.slash(world.news, "follow words", query="bgp")
    asked = reply(await world.reader.slash(world.news, "forget me"))
    golden.check("forget", "follows and saved articles", asked.text)
    done = reply(await world.reader.click(asked.message, label="Forget me"))
    golden.check("forget", "done", done.text)
    assert await world.store.saved.count(world.reader.id) == 0
    assert await world.store.follows.of(world.reader.id) == ()
    assert await world.store.saved.count(world.manager.id) == 1


async def test_who_only_saved_something_is_known_too(world: World) -> None:
    await keeps(world)
    asked = reply(await world.reader.user.slash("forget me"))
    golden.check("forget", "saved articles only", asked.text)
    kept = reply(await world.reader.user.click(asked.message, label="Keep it"))
    golden.check("forget", "kept", kept.text)
    assert await world.store.saved.count(world.reader.id) == 1
    asked = reply(await world.reader.user.slash("forget me"))
    await world.reader.user.click(asked.message, label="Forget me")
    assert await world.store.saved.count(world.reader.id) == 0
    assert "nothing stored" in reply(await world.reader.user.slash("forget me")).text


async def test_who_imported_a_list_is_taken_off_it(world: World) -> None:
    begun = await world.bot.services.importing.begin(
        guild_id=world.guild.id, viewer=None, channel_id=world.news.id, body=listing([FEED]), topic="Cloud", folders=False,
        added_by=world.manager.id, language="de", allow=anybody,
    )  # fmt: skip
    await world.imports.round()
    asked = await world.ask("forget me")
    golden.check("forget", "an imported list", asked.text)
    await world.manager.click(asked.message, label="Forget me")
    report = await world.bot.services.importing.report(begun.id)
    assert (report.added_by, report.language) == (None, None)
    assert "nothing stored" in (await world.ask("forget me")).text


async def test_no_column_that_names_a_person_is_left_out() -> None:
    """Whoever adds one says here who forgets it."""
    naming = {"user_id", "added_by", "created_by", "owner_id", "author_id", "person_id"}
    found = {
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.columns
        if column.name in naming
    }
    assert found == {
        "people.user_id", "follows.user_id", "personal_deliveries.user_id",  # store.follows, by cascade
        "subscriptions.added_by", "topics.created_by",
        "saved.user_id",
        "imports.added_by",
    }  # fmt: skip
