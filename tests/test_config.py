"""The configuration: sources, their order, and how wrong ones are named."""

import dataclasses
import re
import tomllib
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

from bot import __main__ as main
from bot.config import settings
from bot.config.settings import Config
from bot.errors import ConfigError
from bot.schedules import zone_data
from bot.schedules.zone_data import ZoneData

EXAMPLE = Path(__file__).parent.parent / "config.example.toml"


@dataclasses.dataclass(frozen=True)
class Place:
    """A folder to put a configuration file in."""

    folder: Path

    def load(self, text: str, environ: Mapping[str, str] | None = None) -> Config:
        path = self.folder / "config.toml"
        path.write_text(text, encoding="utf-8")
        return settings.load(path, environ or {})

    def problems(self, text: str, environ: Mapping[str, str] | None = None) -> list[str]:
        with pytest.raises(ConfigError) as caught:
            self.load(text, environ)
        return str(caught.value).splitlines()

    def secret(self, text: str) -> str:
        path = self.folder / "secret"
        path.write_text(text, encoding="utf-8")
        return str(path)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_without_any_source_the_defaults_hold() -> None:
    assert settings.load(None, {}) == Config()


def test_the_process_environment_is_not_read_behind_the_mapping(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORE", '{"keep_days": 1}')
    monkeypatch.setenv("TOKEN", "secret")
    monkeypatch.setenv("RIVERPOST__STORE__KEEP_DAYS", "2")
    assert settings.load(None, {}) == Config()


def test_a_variable_goes_over_the_file_and_leaves_its_neighbours(place: Place) -> None:
    loaded = place.load(
        "[polling]\nmin_interval_seconds = 100\nmax_interval_seconds = 5000",
        {"RIVERPOST__POLLING__MIN_INTERVAL_SECONDS": "200"},
    )
    assert (loaded.polling.min_interval_seconds, loaded.polling.max_interval_seconds) == (200, 5000)


def test_an_empty_variable_counts_as_not_set() -> None:
    assert settings.load(None, {"RIVERPOST__STORE__KEEP_DAYS": "", "DISCORD_TOKEN": " "}) == Config()


def test_a_loaded_configuration_cannot_be_changed() -> None:
    loaded = settings.load(None, {})
    with pytest.raises(ValidationError, match="frozen"):
        setattr(loaded.store, "keep_days", 3)  # noqa: B010 - the checker forbids the plain form, as it should


def test_declared_topics_and_packs_are_read(place: Place) -> None:
    loaded = place.load(
        '[[topics]]\nguild_id = 1\nname = "News"\nchannel_id = 2\nfeeds = ["https://a.example/f"]\n'
        '[[packs]]\nname = "P"\nfeeds = ["http://b.example/"]'
    )
    assert loaded.topics == (
        settings.DeclaredTopic(guild_id=1, name="News", channel_id=2, feeds=("https://a.example/f",), backfill=None),
    )
    assert loaded.packs == (settings.Pack(name="P", description="", feeds=("http://b.example/",)),)


@pytest.mark.parametrize("key", ["DISCORD_TOKEN", "DISCORD_TOKEN_FILE"])
def test_the_token_is_trimmed_and_never_printed(key: str, place: Place) -> None:
    value = " abc.def \n" if key == "DISCORD_TOKEN" else place.secret("abc.def\n")
    loaded = settings.load(None, {key: value})
    assert loaded.token is not None
    assert loaded.token.get_secret_value() == "abc.def"
    assert "abc.def" not in f"{loaded!r} {loaded}"


def test_addresses_with_passwords_come_from_files_and_are_not_printed(place: Place) -> None:
    loaded = settings.load(None, {"RIVERPOST__FETCH__PROXY_FILE": place.secret("http://u:hidden@proxy.example:3128\n")})
    assert loaded.fetch.proxy == "http://u:hidden@proxy.example:3128"
    assert "hidden" not in repr(loaded)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[polling]\npolls_per_day = 0", "polling.polls_per_day: must be at least 0.01 (you wrote 0)"),
        ("[polling]\npolls_per_day = 'often'", "polling.polls_per_day: must be a number (you wrote often)"),
        ("[polling]\nmin_interval_seconds = 0", "polling.min_interval_seconds: must be at least 1 (you wrote 0)"),
        ("[store]\nkeep_days = 1000000", "store.keep_days: must be at most 36500 (you wrote 1000000)"),
        ("[delivery]\nbackfill = 10001", "delivery.backfill: must be at most 10000 (you wrote 10001)"),
        (
            "[polling]\nmax_interval_seconds = 31536001",
            "polling.max_interval_seconds: must be at most 31536000 (you wrote 31536001)",
        ),
        ("[delivery]\nbackfill = -1", "delivery.backfill: must be at least 0 (you wrote -1)"),
        ("[delivery]\nrequests_per_second = 51", "delivery.requests_per_second: must be at most 50 (you wrote 51)"),
        ("[delivery]\nrequests_per_second = true", "delivery.requests_per_second: must be a number (you wrote True)"),
        ('[store]\nkeep_days = "many"', "store.keep_days: must be a whole number (you wrote many)"),
        ("[store]\nkeep_dayz = 1", "store.keep_dayz: is not a known key; did you mean keep_days?"),
        ('[[packs]]\nname = "a"\nfeeds = []', "packs[1].feeds: must not be empty"),
        ("[fetsch]\n", "fetsch: is not a known key; did you mean fetch?"),
        ("[zzzz]\n", "zzzz: is not a known key"),
        ("store = 3", "store: must be a section with keys of its own"),
        ('[logging]\nformat = "xml"', "logging.format: must be 'text' or 'json' (you wrote xml)"),
        (
            '[discord]\napi_url = "ftp://x"',
            "discord.api_url: must be an address that starts with http:// or https:// (you wrote ftp://x)",
        ),
        (
            '[store]\nurl = "postgresql://u:secret@h/db"',
            "store.url: PostgreSQL is not supported yet; use sqlite:///path/to/file.db",
        ),
        (
            '[fetch]\nproxy = "socks5://u:secret@h"',
            "fetch.proxy: must be an address that starts with http:// or https://",
        ),
        ('[fetch]\nuser_agent = "a\\nb"', "fetch.user_agent: must be one line of plain ASCII text (you wrote a\\nb)"),
        ('token = "abc"', "token: does not belong in the file; set DISCORD_TOKEN or DISCORD_TOKEN_FILE"),
        ('[[topics]]\nguild_id = 1\nname = "a"', "topics[1].channel_id: is missing"),
        (
            '[[packs]]\nname = "a"\nfeeds = ["https://u:secret@a b/"]',
            "packs[1].feeds[1]: must be an address that starts with http:// or https:// (you wrote https://[hidden]@a b/)",
        ),
        (
            '[[packs]]\nname = "a"\nfeed = ["https://a/"]\nfeeds = ["https://a/"]',
            "packs[1].feed: is not a known key; did you mean feeds?",
        ),
    ],
)
def test_a_wrong_file_is_answered_with_the_key_and_what_to_write(place: Place, text: str, line: str) -> None:
    assert "\n".join(place.problems(text)) == line


@pytest.mark.parametrize(
    ("low", "usual", "high", "line"),
    [
        (300, 200, 400, "polling.default_interval_seconds: must not be below min_interval_seconds (200 < 300)"),
        (300, 500, 400, "polling.default_interval_seconds: must not be above max_interval_seconds (500 > 400)"),
        (500, 450, 400, "polling.min_interval_seconds: must not be above max_interval_seconds (500 > 400)"),
        (400, 400, 400, None),
    ],
)
def test_the_polling_bounds_must_be_in_order(place: Place, low: int, usual: int, high: int, line: str | None) -> None:
    text = f"[polling]\nmin_interval_seconds={low}\ndefault_interval_seconds={usual}\nmax_interval_seconds={high}"
    if line is None:
        assert place.load(text).polling.default_interval_seconds == usual
    else:
        assert place.problems(text) == [line]


def test_a_topic_may_be_declared_once_in_a_guild_whatever_its_case(place: Place) -> None:
    def topic(guild: int, name: str) -> str:
        return f'[[topics]]\nguild_id = {guild}\nname = "{name}"\nchannel_id = 9\n'

    assert len(place.load(topic(1, "News") + topic(2, "News")).topics) == 2
    assert place.problems(topic(1, "News") + topic(2, "x") + topic(1, "NEWS")) == [
        "topics[3].name: 'NEWS' is already declared in topics[1]"
    ]


def test_every_problem_of_every_source_is_told_at_once(place: Place) -> None:
    lines = place.problems(
        "[delivery]\nbackfill = -1\n[logging]\nlevel = 'loud'",
        {
            "RIVERPOST__LIMITS__TOPICS_PER_GUILD": "x",
            "RIVERPOST__POLLING__MIN_INTERVAL": "3",
            "DISCORD_TOKEN": "two words",
        },
    )
    assert [line.partition(":")[0] for line in lines] == [
        "RIVERPOST__POLLING__MIN_INTERVAL",
        "DISCORD_TOKEN",
        "delivery.backfill",
        "limits.topics_per_guild",
        "logging.level",
    ]
    assert "did you mean RIVERPOST__POLLING__MIN_INTERVAL_SECONDS?" in lines[0]
    assert "RIVERPOST__LIMITS__TOPICS_PER_GUILD says x" in lines[3]


def test_lists_cannot_be_set_by_variable_and_that_is_said() -> None:
    with pytest.raises(ConfigError, match=r"^RIVERPOST__TOPICS: is not a known variable"):
        settings.load(None, {"RIVERPOST__TOPICS": "[]"})


def test_a_secret_given_twice_or_from_a_missing_or_empty_file_is_an_error(place: Place) -> None:
    with pytest.raises(ConfigError, match=r"^DISCORD_TOKEN: is set, and DISCORD_TOKEN_FILE too"):
        settings.load(None, {"DISCORD_TOKEN": "a", "DISCORD_TOKEN_FILE": place.secret("b")})
    with pytest.raises(ConfigError, match=r"^RIVERPOST__STORE__URL_FILE: /nowhere/x cannot be read: No such file"):
        settings.load(None, {"RIVERPOST__STORE__URL_FILE": "/nowhere/x"})
    with pytest.raises(ConfigError, match=r"^DISCORD_TOKEN_FILE: .* is empty$"):
        settings.load(None, {"DISCORD_TOKEN_FILE": place.secret("\n")})


def test_a_missing_file_broken_toml_and_broken_text_are_named(place: Place) -> None:
    with pytest.raises(ConfigError, match=r"absent\.toml: there is no such file"):
        settings.load(place.folder / "absent.toml", {})
    assert re.search(r"config\.toml: is not valid TOML: .*line 2", place.problems("[store]\nkeep_days = = 3")[0])
    (place.folder / "latin.toml").write_bytes(b"# caf\xe9")
    with pytest.raises(ConfigError, match=r"latin\.toml: is not UTF-8 text"):
        settings.load(place.folder / "latin.toml", {})


@pytest.mark.parametrize(
    ("user_agent", "contact"),
    [
        (Config().fetch.user_agent, False),
        ("Riverpost", False),
        ("Riverpost (+https://example.org/bot)", True),
        ("Riverpost (mailto:ann@example.org)", True),
    ],
)
def test_check_asks_for_a_contact_where_hosts_are_given_none(
    place: Place, capsys: pytest.CaptureFixture[str], user_agent: str, *, contact: bool
) -> None:
    loaded = place.load(f'[fetch]\nuser_agent = "{user_agent}"')
    assert main.check(loaded) == 0
    assert ("fetch.user_agent names no contact" in capsys.readouterr().out) is not contact


@pytest.mark.parametrize(
    ("version", "words"),
    [
        (ZoneData(2019, "a"), "The time zone data is old (2019a)"),
        (ZoneData(2099, "a"), "Time zone data: 2099a."),
        (None, "is not known"),
    ],
)
def test_check_looks_at_the_age_of_the_time_zones(
    place: Place,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    version: ZoneData | None,
    words: str,
) -> None:
    monkeypatch.setattr(zone_data, "newest", lambda: version)
    assert main.check(place.load("")) == 0
    assert words in capsys.readouterr().out


# --- ports and networks -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "ports"),
    [
        ('[80, 443, "8000-8999"]', ((80, 80), (443, 443), (8000, 8999))),
        ('["1200"]', ((1200, 1200),)),
        ('"any"', ((1, 65535),)),
        ('"80, 1000 - 2000"', ((80, 80), (1000, 2000))),
    ],
)
def test_ports_are_numbers_and_ranges(place: Place, written: str, ports: tuple[tuple[int, int], ...]) -> None:
    assert place.load(f"[fetch]\nallowed_ports = {written}").fetch.allowed_ports == ports


@pytest.mark.parametrize(
    "written", ["[0]", "[65536]", '["90-80"]', '["http"]', "[true]", "[]", "80", '""', "[80.5]", '["-1"]']
)
def test_other_ports_are_refused_by_name(place: Place, written: str) -> None:
    with pytest.raises(ConfigError, match=r"fetch\.allowed_ports"):
        place.load(f"[fetch]\nallowed_ports = {written}")


def test_networks_are_read_from_the_file_and_from_a_variable(place: Place) -> None:
    expected = (ip_network("203.0.113.0/24"), ip_network("2001:db8::1"))
    assert (
        place.load('[fetch]\nblocked_networks = ["203.0.113.0/24", "2001:db8::1"]').fetch.blocked_networks == expected
    )
    variables = {
        "RIVERPOST__FETCH__BLOCKED_NETWORKS": "203.0.113.0/24, 2001:db8::1",
        "RIVERPOST__FETCH__ALLOWED_PORTS": "80,443",
    }
    found = place.load("", variables)
    assert found.fetch.blocked_networks == expected
    assert found.fetch.allowed_ports == ((80, 80), (443, 443))


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ('["203.0.113.7/24"]', "did you mean 203.0.113.0/24"),
        ('["example.org"]', "is no network"),
        ('["10.0.0.0/33"]', "is no network"),
        ("[7, true]", "is no network"),
        ("true", "must be a list of networks"),
    ],
)
def test_other_networks_are_refused_by_name(place: Place, written: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        place.load(f"[fetch]\nblocked_networks = {written}")
    assert str(caught.value).startswith("fetch.blocked_networks")
    assert words in str(caught.value)


# --- config.example.toml ---------------------------------------------------------------------------


def test_with_few_polls_the_longest_wait_is_longer_unless_it_is_given(place: Place) -> None:
    few = "[polling]\npolls_per_day = 12\n"
    assert place.load(few).polling.max_interval_seconds == 14_400
    assert place.load(few + "max_interval_seconds = 3600").polling.max_interval_seconds == 3600
    assert place.load("", {"RIVERPOST__POLLING__POLLS_PER_DAY": "6"}).polling.max_interval_seconds == 28_800
    assert place.load("[polling]\npolls_per_day = 96").polling.max_interval_seconds == 7200


def test_the_example_has_every_key_with_its_default() -> None:
    written = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))
    defaults = {
        name: section.model_dump(mode="json", exclude_none=True)
        for name in Config.model_fields
        if isinstance(section := getattr(Config(), name), BaseModel)
    }
    assert {name: table for name, table in written.items() if name != "packs"} == defaults
    assert "\n# proxy = " in EXAMPLE.read_text(encoding="utf-8")


def test_the_example_loads_and_so_does_its_commented_topic(place: Place) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    assert settings.load(EXAMPLE, {}).topics == ()
    block = text[text.index("# [[topics]]") : text.index("# Starter packs")]
    loaded = place.load(re.sub(r"^# ?", "", block, flags=re.MULTILINE))
    assert set(settings.DeclaredTopic.model_fields) == loaded.topics[0].model_fields_set


def test_no_feed_of_the_starter_packs_is_listed_twice() -> None:
    feeds = [feed for pack in settings.load(EXAMPLE, {}).packs for feed in pack.feeds]
    assert feeds
    assert len(set(feeds)) == len(feeds)


def test_which_servers_may_use_the_bot_can_come_from_the_environment() -> None:
    environ = {"RIVERPOST__GUILDS__ALLOW": "5, 6 7", "RIVERPOST__GUILDS__BLOCK": "8"}
    guilds = settings.load(None, environ).guilds
    assert (guilds.allow, guilds.block) == ((5, 6, 7), (8,))


def test_servers_that_may_and_may_not_use_the_bot_are_told(place: Place) -> None:
    assert place.problems("[guilds]\nallow = [5, 6]\nblock = [6]") == [
        "guilds.block: 6 is in allow, too; leave it out of one of them"
    ]
    declared = '[[topics]]\nguild_id = 7\nname = "News"\nchannel_id = 9\n'
    for lists in ("allow = [5]", "block = [7]"):
        [line] = place.problems(f"{declared}[guilds]\n{lists}")
        assert line == "topics[1].guild_id: 7 may not use the bot; see guilds.allow and guilds.block"


@pytest.mark.parametrize(
    "variable", ["RIVERPOST_POLLING__MIN_INTERVAL_SECONDS", "RIVERPOST_POLLING_MIN_INTERVAL_SECONDS"]
)
def test_one_underscore_too_few_is_named_with_what_was_meant(variable: str) -> None:
    with pytest.raises(ConfigError) as raised:
        settings.load(None, {variable: "60"})
    assert str(raised.value).startswith(
        f"{variable}: is not a known variable; did you mean RIVERPOST__POLLING__MIN_INTERVAL_SECONDS?"
    )


def test_variables_of_others_are_left_alone() -> None:
    assert settings.load(None, {"RIVERPOST_SHARED": "/x", "RIVERPOST_VERSION": "1", "POLLING__X": "1"}) == Config()


def test_a_token_in_the_file_is_sent_to_its_variable(place: Place) -> None:
    with pytest.raises(ConfigError, match=r"discord\.token: .* the token goes into DISCORD_TOKEN"):
        place.load('[discord]\ntoken = "x"')


def test_a_credential_of_systemd_counts_where_nothing_else_is_set(tmp_path: Path) -> None:
    (tmp_path / "discord_token").write_text("from-systemd\n")
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    for more, token in (({}, "from-systemd"), ({"DISCORD_TOKEN": "given"}, "given")):
        loaded = settings.load(None, environ | more)
        assert loaded.token is not None
        assert loaded.token.get_secret_value() == token
    assert settings.load(None, {"CREDENTIALS_DIRECTORY": str(tmp_path / "none")}).token is None
