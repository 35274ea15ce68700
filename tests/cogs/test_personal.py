"""What a person follows, asked for and changed as a person would: in servers, in private, with messages closed and open."""

from dataclasses import dataclass
from datetime import timedelta

import pytest

pytest.importorskip("simcord", reason="the command tests need simcord: scripts/test installs it")

import discord
import simcord

from bot.clock import SystemClock
from bot.errors import UserError
from bot.gateway.client import RiverpostBot
from bot.jobs.crash_test_hooks import unobserved
from bot.jobs.discord_health import DiscordHealth
from bot.jobs.posting.delivery_loop import MAX_CHANNELS, DeliverJob
from bot.jobs.posting.private_messages import PrivateMessageJob
from bot.jobs.posting.reader_check import ReaderCheck
from bot.jobs.posting.send_results import SETTLED_SECONDS
from bot.messages.renderer import EmbedRenderer
from bot.model import FollowKind, Wish
from bot.posting.discord.reachable_channels import ReachableChannels
from bot.posting.discord.sender import DiscordSender
from bot.posting.pacing.circuit_breaker import CircuitBreaker
from tests.builders import at, entry, new, read_outcome
from tests.cogs import golden
from tests.cogs.conftest import FEED, Reply, World, reply
from tests.fakes import found
from tests.standins import anywhere, english, nothing

OTHER_FEED = "https://secret.example/feed"


def check(what: str, answer: Reply) -> Reply:
    """Every reply here is private, and its text is kept."""
    assert answer.private
    golden.check("personal", what, answer.text.replace("```", "~~~"))  # a fence would end the file's own
    return answer


async def asks(world: World, command: str, **options: object) -> Reply:
    """The reader's command in the news channel."""
    return reply(await world.reader.slash(world.news, command, **options))


async def in_private(world: World, command: str, **options: object) -> Reply:
    """The same in the private chat with the bot."""
    return reply(await world.reader.user.slash(command, **options))


async def publish(world: World, *titles: str, url: str = FEED, first: int = 500) -> None:
    feed = await world.store.feeds.ensure(url, now=world.clock.now())
    world.clock.advance(60)
    now = world.clock.now()
    made = [new(first + n, published=now, title=title, position=n) for n, title in enumerate(titles)]
    await world.store.entries.apply(read_outcome(feed, *made, now=now))


@dataclass
class Loops:
    """The loops that bring private messages, on simcord's Discord."""

    world: World

    def __post_init__(self) -> None:
        world, traffic = self.world, CircuitBreaker()
        sender = DiscordSender(world.bot, SystemClock(), canonical=str)
        hearing = DiscordHealth(world.store, traffic, world.clock, on_more=lambda: None, on_unauthorised=lambda: None)
        rights = ReaderCheck(world.store, world.bot.access)
        self.personal = PrivateMessageJob(
            world.store,
            sender,
            ReachableChannels(world.bot),
            rights,
            traffic,
            hearing,
            world.clock,
            on_queued=lambda: None,
            step=unobserved,
        )
        self.deliver = DeliverJob(
            world.store,
            sender,
            EmbedRenderer(),
            traffic,
            hearing,
            world.clock,
            on_more=nothing,
            most_channels=MAX_CHANNELS,
            step=unobserved,
            survey=anywhere,
            language=english,
            save_row=False,
            may_go=rights.may_go,
            settled_seconds=SETTLED_SECONDS,
        )

    async def run(self) -> None:
        for _ in range(3):
            await self.personal.round()
            await self.deliver.round()
            await self.deliver.close(grace_seconds=5)


def messages(world: World) -> list[discord.Message]:
    return [each for each in world.reader.user.dm_channel.history() if each.author.bot]


def closed(world: World) -> None:
    """The reader takes no private messages; the next try is refused."""
    world.env.inject_error(
        "POST", f"/channels/{world.reader.user.dm_channel.id}/messages", status=403, code=50007,
        message="Cannot send messages to this user",
    )  # fmt: skip


async def has_closed(world: World) -> None:
    """The reader follows words and an article could not be sent."""
    await world.followed()
    await asks(world, "follow words", query="bgp")
    closed(world)
    await publish(world, "BGP for beginners")
    await Loops(world).run()
    assert messages(world) == []


async def test_words_are_followed_and_what_matches_comes_as_a_private_message(world: World) -> None:
    await world.followed()
    check("follow words", await asks(world, "follow words", query="bgp"))
    assert world.woken[-1] == "personal"
    check("follow words, again", await asks(world, "follow words", query="bgp"))
    await publish(world, "BGP for beginners", "Tea for two")
    await Loops(world).run()
    [message] = messages(world)
    assert [each.title for each in message.embeds] == ["BGP for beginners"]
    assert message.embeds[0].footer.text == "matches “bgp”"
    assert not [each for each in world.manager.user.dm_channel.history() if each.author.bot]


async def test_a_source_and_a_topic_are_followed_by_the_names_that_are_suggested(world: World) -> None:
    await world.followed()
    [choice] = await world.reader.autocomplete(world.news, "follow source", "source", "blog")
    check("follow source", await asks(world, "follow source", source=choice["value"]))
    check("follow topic", await asks(world, "follow topic", topic="networks"))
    await publish(world, "BGP for beginners")
    await Loops(world).run()
    [message] = messages(world)
    assert message.embeds[0].footer.text == "you follow A blog, the topic Networks"


async def test_a_digest_comes_at_the_readers_hour_and_the_zone_is_remembered(world: World) -> None:
    await world.followed()
    check("follow daily without a zone", await asks(world, "follow words", query="bgp", when="daily"))
    [choice] = await world.reader.autocomplete(world.news, "follow words", "zone", "berl")
    assert (choice["value"], choice["name"]) == ("Europe/Berlin", "Europe/Berlin (01:00)")
    chosen = await asks(world, "follow words", query="tea", hour=18, zone=choice["value"])
    check("follow daily with hour and zone", chosen)
    check("follow daily, zone remembered", await asks(world, "follow topic", topic="Networks", when="daily"))
    await publish(world, "BGP for beginners", "Tea for two")
    loops = Loops(world)
    await loops.run()
    assert messages(world) == []
    world.clock.advance(17 * 3600)
    await loops.run()
    [message] = messages(world)
    [embed] = message.embeds
    assert embed.title == "Your digest of 2026-01-01: 2 articles"
    text = f"{embed.title}\n{embed.description}"
    golden.check("personal", "a digest, as it is sent", text)
    check("following with a digest", await asks(world, "following"))


@pytest.mark.parametrize(
    ("what", "command", "options"),
    [
        ("follow words that cannot be read", "follow words", {"query": 'bgp "open'}),
        ("follow no words", "follow words", {"query": "  "}),
        ("follow very many words", "follow words", {"query": "word " * 60}),
        ("follow a source that is not followed here", "follow source", {"source": "https://nowhere.example"}),
        ("follow a topic that is not here", "follow topic", {"topic": "Nonsense"}),
        ("follow with a time zone that is not there", "follow words", {"query": "x", "zone": "Middle Earth"}),
        ("unfollow what is not followed", "unfollow", {"what": "nonsense"}),
        ("following nothing", "following", {}),
    ],
)
async def test_what_cannot_be_done_is_said_with_what_to_do(
    world: World, what: str, command: str, options: dict[str, object]
) -> None:
    await world.followed()
    check(what, await asks(world, command, **options))
    assert await world.store.follows.of(world.reader.id) == ()


async def test_fifty_follows_are_the_limit(world: World) -> None:
    await world.followed()
    for number in range(50):
        await world.store.follows.add(world.reader.id, world.guild.id, wish(f"w{number}"), now=world.clock.now())
    check("follow one too many", await asks(world, "follow words", query="bgp"))


def wish(words: str) -> Wish:
    return Wish(FollowKind.WORDS, daily=False, words=words)


async def test_a_list_in_pages_where_each_is_stopped_or_changed_with_a_button(world: World) -> None:
    await world.followed()
    for number in range(1, 8):
        await asks(world, "follow words", query=f"word{number}")
    listed = check("following", await asks(world, "following"))
    await press(world, listed, "2 daily", "following, one changed")
    await press(world, listed, "▶", "following, second page")
    await press(world, listed, "Stop 7", "following, one stopped")
    names = {each.name: each.daily for each in await world.store.follows.of(world.reader.id)}
    assert names == {f"word{number}": number == 2 for number in range(1, 7)}
    await press(world, listed, "Stop 6", "following, page gone")
    gone = await world.store.follows.of(world.reader.id)
    await world.store.follows.stop(world.reader.id, gone[0].id)
    pressed = reply(await world.reader.click(listed.message, label="Stop 1"))
    check("following, stopped elsewhere already", pressed)


async def press(world: World, listed: Reply, label: str, what: str) -> None:
    await world.reader.click(listed.message, label=label)
    golden.check("personal", what, seen(listed.message))


def seen(message: simcord.ResponseMessage) -> str:
    """What the message says and offers now."""
    embeds = [f"{each.title or ''}\n{each.description or ''}" for each in message.embeds]
    rows = [" ".join(f"[{each['label']}]" for each in row["components"]) for row in message.components]
    return "\n".join([message.content or "", *embeds, *rows])


async def test_unfollowing_by_what_is_suggested_or_typed(world: World) -> None:
    await world.followed()
    await asks(world, "follow words", query="bgp")
    await asks(world, "follow topic", topic="Networks")
    choices = await world.reader.autocomplete(world.news, "unfollow", "what", "")
    assert [each["name"] for each in choices] == ["“bgp” · Readers", "the topic Networks · Readers"]
    check("unfollow by choice", await asks(world, "unfollow", what=choices[1]["value"]))
    check("unfollow by name", await asks(world, "unfollow", what="BGP"))
    assert await world.store.follows.of(world.reader.id) == ()


async def test_in_private_the_list_is_there_but_following_needs_a_server(world: World) -> None:
    await world.followed()
    await asks(world, "follow words", query="bgp")
    golden.check("personal", "following in private", (await in_private(world, "following")).text)
    golden.check("personal", "unfollow in private", (await in_private(world, "unfollow", what="bgp")).text)
    assert "follow words" not in world.reader.user.available_commands()
    assert {"/following", "/unfollow", "/forget me"} <= {
        f"/{each.lstrip('/')}" for each in world.reader.user.available_commands()
    }


async def test_two_servers_do_not_see_each_other(world: World) -> None:
    await world.followed()
    other = world.env.create_guild("Secret club")
    lounge = other.create_text_channel("lounge")
    boss = other.add_member(
        world.env.create_user("bo"),
        roles=[other.create_role("B", permissions=discord.Permissions(manage_channels=True))],
    )
    world.discovery.put(OTHER_FEED, found(OTHER_FEED, "A secret", [entry(1, published=at(-1))]))
    await boss.slash(lounge, "topic create", name="Plans", channel=lounge)
    await boss.slash(lounge, "subscribe", source=OTHER_FEED, topic="Plans")
    check("follow a source of another server", await asks(world, "follow source", source=OTHER_FEED))
    assert await world.reader.autocomplete(world.news, "follow source", "source", "secret") == []
    await asks(world, "follow words", query="bgp")
    assert reply(await boss.slash(lounge, "follow words", query="bgp")).private
    await publish(world, "BGP in secret", url=OTHER_FEED)
    await publish(world, "BGP for all", first=600)
    await Loops(world).run()
    assert [each.embeds[0].title for each in messages(world)] == ["BGP for all"]
    theirs = [each for each in boss.user.dm_channel.history() if each.author.bot]
    assert [each.embeds[0].title for each in theirs] == ["BGP in secret"]
    assert await world.reader.autocomplete(world.news, "unfollow", "what", "") != await boss.autocomplete(
        lounge, "unfollow", "what", ""
    )
    [follow] = await world.store.follows.of(boss.id)
    check("unfollow what somebody else follows", await asks(world, "unfollow", what=str(follow.id)))
    assert len(await world.store.follows.of(boss.id)) == 1


async def test_closed_messages_are_told_once_with_the_next_command_and_go_on_with_a_button(world: World) -> None:
    await has_closed(world)
    result = await world.reader.slash(world.news, "sources")
    told = reply(result)
    check("news of closed messages", told)
    again = await world.reader.slash(world.news, "sources")
    assert "private messages" not in reply(again).text
    await world.reader.click(told.message, label="Try again")
    golden.check("personal", "try again under the news", seen(told.message))
    await Loops(world).run()
    assert [each.embeds[0].title for each in messages(world)] == ["BGP for beginners"]


async def test_the_list_says_that_messages_are_closed_and_has_a_button_to_try_again(world: World) -> None:
    await has_closed(world)
    listed = await asks(world, "following")
    golden.check("personal", "following with messages closed", seen(listed.message))
    closed(world)
    await world.reader.click(listed.message, label="Try again")
    await Loops(world).run()
    listed = await asks(world, "following")
    assert "I cannot send you private messages" in listed.text
    await world.reader.click(listed.message, label="Try again")
    golden.check("personal", "following, try again", seen(listed.message))
    await Loops(world).run()
    assert len(messages(world)) == 1
    assert "private messages" not in (await asks(world, "following")).text
    stale = await asks(world, "following")
    assert "Try again" not in seen(stale.message)


async def test_after_a_restart_everything_is_followed_and_every_button_works(world: World) -> None:
    await world.followed()
    await asks(world, "follow words", query="bgp")
    listed = await asks(world, "following")
    second = RiverpostBot(services=world.bot.services, permits=lambda _guild_id: True)
    await world.env.restart_bot(second)
    world.bot = second
    await publish(world, "BGP for beginners")
    await Loops(world).run()
    [message] = messages(world)
    opened = reply(await world.reader.user.click(message, label="What I follow"))
    golden.check("personal", "what I follow, under a private message", seen(opened.message))
    await press(world, listed, "Stop 1", "following, the last one stopped")
    assert await world.store.follows.of(world.reader.id) == ()


async def test_a_button_touches_only_what_follows_whoever_presses_it(world: World) -> None:
    """Ids can be made up: what they name is looked for among the presser's own follows."""
    await world.followed()
    await asks(world, "follow words", query="bgp")
    await world.ask("follow words", query="tea")
    [theirs] = await world.store.follows.of(world.manager.id)
    with pytest.raises(UserError, match="You follow nothing like that"):
        await world.bot.services.personal.stop(world.reader.id, str(theirs.id))
    with pytest.raises(UserError, match="do not follow that any more"):
        await world.bot.services.personal.change(world.reader.id, theirs.id, daily=True)
    assert await world.store.follows.of(world.manager.id) == (theirs,)


async def test_forgetting_shows_everything_asks_and_deletes_it(world: World) -> None:
    await world.followed()
    check("forget a stranger", await asks(world, "forget me"))
    await world.ask("follow words", query="bgp", hour=7, zone="Asia/Kathmandu")
    await world.ask("follow source", source="A blog", when="at once")
    await publish(world, "BGP for beginners")
    await Loops(world).run()
    asked = check("forget me", await world.ask("forget me"))
    await world.manager.click(asked.message, label="Keep it")
    assert len(await world.store.follows.of(world.manager.id)) == 2
    asked = await world.ask("forget me")
    await world.manager.click(asked.message, label="Forget me")
    golden.check("personal", "forgotten", seen(asked.message))
    check("forget me, again", await world.ask("forget me"))
    [source] = await world.store.topics.sources(world.guild.id, now=world.clock.now() + timedelta(days=1))
    assert source.url == FEED, "what others use stays"
    golden.check("personal", "forget a stranger in private", (await in_private(world, "forget me")).text)


async def test_what_is_for_a_persons_account_and_what_for_servers_only(world: World) -> None:
    """Installed to an account, the bot shows what is the person's own; nothing of a server it is not in."""
    anywhere = {"following", "unfollow", "forget", "saved", "help"}
    for command in world.bot.tree.get_commands():
        published = command.to_dict(world.bot.tree)
        wanted = ([0, 1], [0, 1, 2]) if command.name in anywhere else ([0], [0])
        assert (published["integration_types"], published["contexts"]) == wanted, command.name
