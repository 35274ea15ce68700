"""A server in which one person manages one channel and nothing else, and topics there and elsewhere."""

from dataclasses import dataclass

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
        )


async def _topic(world: World, name: str, channel: simcord.ChannelHandle) -> None:
    """It follows the blog, and has a filter. Made without commands, which would take most of a test's time."""
    store, now = world.store, world.clock.now()
    topic = await store.topics.create(
        guild_id=world.guild.id, name=name, channel_id=channel.id, created_by=world.manager.id, limit=None, now=now
    )
    assert topic is not None
    feed = await store.feeds.ensure(FEED, now=now)
    await store.topics.subscribe(topic.id, feed.id, added_by=world.manager.id, now=now)
    await store.filters.set(topic.id, None, "cloud")


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
        await _topic(world, name, channel)
    return Deputies(world, deputy, place, own, quiet, staff)
