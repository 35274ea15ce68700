"""A topic in a channel that some may not see, and everything by which somebody could come upon it."""

from dataclasses import dataclass, replace
from typing import Any

import discord
import simcord

from bot.feeds.identity import identify
from bot.model import Entry, FeedState
from tests.builders import at, entry
from tests.cogs.conftest import World, reply
from tests.cogs.test_saving import deliver
from tests.fakes import found

TOPIC, TITLE, URL = "Observatory", "Hidden blog", "https://hidden.example/feed"
SECRETS = (TOPIC, TITLE, "hidden.example", "Unseen", "cloudburst")
VIEW, NOTHING = discord.PermissionOverwrite(view_channel=True), discord.PermissionOverwrite(view_channel=False)


def hidden(number: int) -> Entry:
    made, link = (
        entry(number, title=f"Unseen article {number}", published=at(-number), position=number),
        article(number),
    )
    keys = identify.keys(guid=link, link=link, title=made.title, html=made.summary_html)
    return replace(made, keys=keys, guid=link, link=link, text="an unseen cloudburst")


def article(number: int) -> str:
    """The link of an article of the hidden source."""
    return f"https://hidden.example/{number}"


@dataclass
class Private:
    """The world with a private topic: its manager sees it, everybody else does not."""

    world: World
    place: simcord.ChannelHandle
    deputy: simcord.MemberActor
    """Manages channels, and does not see this one."""

    async def ask(self, who: simcord.MemberActor, command: str, **options: object) -> str:
        return await everything(self.world, await who.slash(self.world.news, command, **options))

    async def message(self) -> str:
        """The link of a message of the private topic."""
        await deliver(self.world)  # one channel after the other
        message = await deliver(self.world, self.place)
        return f"https://discord.com/channels/{self.world.guild.id}/{self.place.id}/{message.id}"

    async def move(self, channel_id: int) -> None:
        """The topic posts in another channel from now on."""
        topic = await self.world.store.topics.get(self.world.guild.id, TOPIC)
        assert topic is not None
        await self.world.store.changes.edit_topic(
            topic.id, name=None, channel_id=channel_id, colour=None, now=self.world.clock.now()
        )

    async def untouched(self) -> bool:
        """Whether the private topic is what it was: nobody changed what they cannot see."""
        store, guild_id = self.world.store, self.world.guild.id
        topic = await store.topics.get(guild_id, TOPIC)
        sources = await store.topics.sources(guild_id, now=self.world.clock.now())
        mine = [(each.state, each.title) for each in sources if each.url == URL and each.topic == TOPIC]
        assert topic is not None
        filters = await store.filters.of(topic.id, None)
        return (topic.paused, topic.colour, topic.channel_id, filters.topic, mine) == (
            False, None, self.place.id, "cloudburst", [(FeedState.ACTIVE, TITLE)],
        )  # fmt: skip

    async def feed_id(self) -> int:
        sources = await self.world.store.topics.sources(self.world.guild.id, now=self.world.clock.now())
        return next(each.feed_id for each in sources if each.url == URL)


async def private(world: World, *, place: simcord.ChannelHandle | None = None) -> Private:
    """A private topic beside a public one, which the same server follows."""
    await world.followed()
    made = place or private_channel(world)
    world.discovery.put(URL, found(URL, TITLE, [hidden(n) for n in (31, 32)]))
    await world.ask("topic create", name=TOPIC, channel=made)
    await world.ask("subscribe", source=URL, topic=TOPIC)
    await world.ask("filter set", topic=TOPIC, expression="cloudburst")
    role = world.guild.create_role("Deputies", permissions=discord.Permissions(manage_channels=True))
    deputy = world.guild.add_member(world.env.create_user("dan"), roles=[role])
    return Private(world, made, deputy)


def private_channel(world: World, **kinds: Any) -> simcord.ChannelHandle:
    guild = world.bot.get_guild(world.guild.id)
    assert guild is not None
    overwrites: Any = {world.guild.default_role: NOTHING, guild.me: VIEW, world.manager: VIEW}
    return world.guild.create_text_channel("staff", overwrites=overwrites, **kinds)


async def everything(world: World, result: simcord.InteractionResult) -> str:
    """All that was answered, files and buttons too; it must have been private."""
    told = reply(result)
    assert told.private
    parts = []
    for message in (result.response, *result.followups):
        if message is None:
            continue
        parts += [message.content or "", str(message.components)]
        parts += [f"{each.title} {each.description} {each.footer.text}" for each in message.embeds]
        parts += [f"{field.name} {field.value}" for each in message.embeds for field in each.fields]
        parts += [(world.env.backend.cdn.get(each.url) or b"").decode(errors="replace") for each in message.attachments]
    return "\n".join(parts)


def nothing_of_it(told: str, *, typed: str = "", where: str = "") -> None:
    """Nothing of the private topic is in an answer, but for what was typed."""
    shown = told.replace(typed, "…") if typed else told
    for secret in SECRETS:
        assert secret.casefold() not in shown.casefold(), f"{where}: {secret} in {shown}"
