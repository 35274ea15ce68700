"""What the sandbox makes of a configuration."""

from bot.config.settings import Config, DeclaredTopic, Pack
from bot.sandbox import main, sample_sites
from bot.sandbox.sample_sites import SampleServer
from tests.fakes import FakeClock

FEED = "https://example.org/feed.xml"


async def test_declared_topics_move_to_the_one_channel_and_keep_their_feeds() -> None:
    declared = DeclaredTopic(guild_id=1, name="Mine", channel_id=2, feeds=(FEED,))
    async with SampleServer(sample_sites.load(), FakeClock()) as server:
        made = main.topics(Config(topics=(declared,)), server, guild_id=7, channel_id=8)
    assert {(topic.guild_id, topic.channel_id) for topic in made} == {(7, 8)}
    assert [topic.name for topic in made] == ["Network engineering", "Cloud and security", "Mine"]
    assert made[-1].feeds == (FEED,)


async def test_topics_of_one_name_from_several_servers_are_told_apart() -> None:
    declared = tuple(DeclaredTopic(guild_id=guild, name="cloud AND security", channel_id=2) for guild in (1, 2))
    async with SampleServer(sample_sites.load(), FakeClock()) as server:
        made = main.topics(Config(topics=declared), server, guild_id=7, channel_id=8)
    assert [topic.name for topic in made[2:]] == ["cloud AND security (2)", "cloud AND security (3)"]


async def test_a_pack_of_what_is_not_followed_yet_is_offered_beside_those_of_the_configuration() -> None:
    own = Pack(name="Mine", description="", feeds=(FEED,))
    async with SampleServer(sample_sites.load(), FakeClock()) as server:
        packs = main.with_pack(Config(packs=(own,)), server).packs
        assert [pack.name for pack in packs] == [main.PACK, "Mine"]
        assert packs[0].feeds == (f"{server.address}/podcast/feed.xml",)
