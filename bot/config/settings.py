"""The configuration: what can be set, its limits and defaults, as one frozen value.

`load` reads a TOML file, then RIVERPOST__SECTION__KEY variables over it, then secrets, and either gives
a `Config` or raises with every problem at once. How the sources are read is in this module's lower half.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError

from bot import __version__
from bot.config import network_ranges
from bot.config.pack_texts import PackTexts
from bot.config.problem_texts import did_you_mean, explain, slips
from bot.config.value_types import Name, Number, Section, Snowflake, WebAddress, Whole, header, ids, some, store_url
from bot.config.web_settings import WebSettings
from bot.errors import ConfigError

PREFIX = "RIVERPOST__"
SECRET_KEYS = ("store.url", "fetch.proxy")
"""Keys that may hold a password: they have a …_FILE variable and their values are never shown."""


# --- the sections ----------------------------------------------------------------------------------


class DiscordSettings(Section):
    api_url: Annotated[WebAddress, AfterValidator(lambda url: url.rstrip("/"))] = "https://discord.com/api/v10"
    """Without a slash at the end."""


class StoreSettings(Section):
    url: Annotated[str, AfterValidator(store_url)] = Field(default="sqlite:///data/riverpost.db", repr=False)
    """`sqlite:///` and a path, from the current folder unless it starts with a slash of its own."""
    keep_days: Whole = Field(default=365, ge=1, le=36_500)
    unfollowed_days: Whole = Field(default=30, ge=0, le=36_500)
    nightly_backups: Whole = Field(default=0, ge=0, le=3_660)


class FetchSettings(Section):
    allow_private_networks: bool = False
    timeout_seconds: Number = Field(default=20, gt=0, le=300)
    max_body_megabytes: Number = Field(default=15, gt=0, le=1000)
    max_transfer_megabytes: Number | None = Field(default=None, gt=0, le=1000)
    """On the wire: compressed, with headers. None means as much as a body may have."""
    min_bytes_per_second: Number = Field(default=1000, ge=0, le=1_000_000)
    min_speed_after_seconds: Number = Field(default=5, gt=0, le=300)
    allowed_ports: Annotated[tuple[tuple[int, int], ...] | None, BeforeValidator(network_ranges.ports)] = None
    """Ranges. None means 80, 443 and 8000 to 8999, or all where private networks are allowed."""
    blocked_networks: Annotated[tuple[IPv4Network | IPv6Network, ...], BeforeValidator(network_ranges.networks)] = ()
    per_host_interval_seconds: Number = Field(default=1, ge=0, le=3600)
    per_host_connections: Whole = Field(default=1, ge=1, le=100)
    user_agent: Annotated[str, AfterValidator(header)] = (
        f"Riverpost/{__version__} (Discord feed reader; its operator gave no contact)"
    )
    proxy: WebAddress | None = Field(default=None, repr=False)

    @property
    def has_contact(self) -> bool:
        """Whether hosts can reach the operator: `user_agent` names a web or mail address."""
        return re.search(r"https?://[\w.-]+|[\w.+-]+@[\w-]+\.\w", self.user_agent) is not None


USUAL_LONGEST, LONGEST_INTERVAL = 7200, 31_536_000


class PollingSettings(Section):
    default_interval_seconds: Whole = Field(default=600, ge=1, le=LONGEST_INTERVAL)
    min_interval_seconds: Whole = Field(default=300, ge=1, le=LONGEST_INTERVAL)
    max_interval_seconds: Whole = Field(default=USUAL_LONGEST, ge=1, le=LONGEST_INTERVAL)
    polls_per_day: Number = Field(default=24, ge=0.01, le=86_400)
    """Of each feed, on average over all of them: busy hours of busy feeds get more of them."""

    @model_validator(mode="before")
    @classmethod
    def _longer_for_few_polls(cls, given: Any) -> Any:
        """With a smaller budget than usual the longest wait is longer by itself, or it would need all of the budget."""
        if not isinstance(given, dict) or "max_interval_seconds" in given:
            return given
        try:
            budget = float(given["polls_per_day"])
        except (KeyError, TypeError, ValueError):
            return given
        usual, most = cls.model_fields["polls_per_day"].default, LONGEST_INTERVAL
        if not 0 < budget < usual:
            return given
        return given | {"max_interval_seconds": min(round(USUAL_LONGEST * usual / budget), most)}

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        low, usual, high = self.min_interval_seconds, self.default_interval_seconds, self.max_interval_seconds
        problems = []
        if low > high:
            problems.append(("min_interval_seconds", f"must not be above max_interval_seconds ({low} > {high})"))
        elif usual < low:
            problems.append(
                ("default_interval_seconds", f"must not be below min_interval_seconds ({usual} < {low})"),
            )
        elif usual > high:
            problems.append(
                ("default_interval_seconds", f"must not be above max_interval_seconds ({usual} > {high})"),
            )
        _raise_if(problems)
        return self


class DeliverySettings(Section):
    requests_per_second: Whole = Field(default=40, ge=1, le=50)
    backfill: Whole = Field(default=1, ge=0, le=10_000)
    fetch_page_image: bool = False
    save_button: bool = True


class LimitsSettings(Section):
    """What one poll, topic, source and guild may bring. Declared topics do not count towards what a guild may have."""

    topics_per_guild: Whole = Field(default=50, ge=1)
    sources_per_guild: Whole = Field(default=500, ge=1)
    subscriptions_per_guild: Whole = Field(default=1_000, ge=1)
    """Topic by source: a source that two topics follow counts twice."""
    subscriptions_per_minute: Whole = Field(default=30, ge=1)
    retries_per_minute: Whole = Field(default=10, ge=1)
    """Sources that are asked at once because somebody wants it; all that fail, asked together, count once."""
    imported_sources_per_day: Whole = Field(default=5_000, ge=1)
    imported_hosts_per_day: Whole = Field(default=1_000, ge=1)
    search_seconds: Number = Field(default=2, gt=0, le=60)
    searches_per_guild: Whole = Field(default=2, ge=1, le=20)
    """At the same time; a person has one."""
    searches_at_once: Whole = Field(default=3, ge=1, le=20)
    """Of all guilds."""
    articles_per_poll: Whole = Field(default=50, ge=1, le=100_000)
    """New articles of one poll that are posted in one topic."""
    waiting_per_topic: Whole = Field(default=2_000, ge=1)
    articles_per_source_per_day: Whole = Field(default=5_000, ge=1)
    megabytes_per_source_per_day: Number = Field(default=50, gt=0)
    stored_megabytes_per_day: Number = Field(default=200, gt=0)
    """For each guild, of all its sources together."""


class FairnessSettings(Section):
    """What all servers share: how much there is of it, and what is kept for those that use little."""

    poll_slots: Whole = Field(default=64, ge=2, le=1000)
    command_slots: Whole = Field(default=24, ge=2, le=1000)
    command_slots_per_server: Whole = Field(default=8, ge=1, le=1000)
    background_slots: Whole = Field(default=24, ge=2, le=1000)
    reserved_slots: Whole = Field(default=8, ge=0, le=1000)
    per_address_connections: Whole = Field(default=16, ge=1, le=1000)
    per_domain_connections: Whole = Field(default=16, ge=1, le=1000)
    claimed_feeds: Whole = Field(default=320, ge=8, le=10_000)
    bodies_megabytes: Number = Field(default=64, gt=0, le=10_000)
    busy_percent: Number = Field(default=1, gt=0, le=100)

    @model_validator(mode="after")
    def _newcomers_have_room(self) -> Self:
        if self.reserved_slots >= self.poll_slots:
            message = f"must be below poll_slots ({self.reserved_slots} of {self.poll_slots})"
            _raise_if([("reserved_slots", message)])
        return self


STANDARD_SHARES = FairnessSettings()


class GuildsSettings(Section):
    """The Discord servers that may use the bot."""

    allow: Annotated[tuple[Snowflake, ...], BeforeValidator(ids)] = ()
    """Empty: all."""
    block: Annotated[tuple[Snowflake, ...], BeforeValidator(ids)] = ()
    shipped_packs: bool = True
    """Offer the starter packs that come with the program, besides those of the file."""

    @model_validator(mode="after")
    def _not_both(self) -> Self:
        both = sorted({*self.allow} & {*self.block})
        _raise_if([("block", f"{each} is in allow, too; leave it out of one of them") for each in both])
        return self

    def permits(self, guild_id: int) -> bool:
        """Whether the server may use the bot."""
        return guild_id not in self.block and (not self.allow or guild_id in self.allow)


class LoggingSettings(Section):
    level: Annotated[
        Literal["debug", "info", "warning", "error", "critical"],
        BeforeValidator(lambda value: value.lower() if isinstance(value, str) else value),
    ] = "info"
    format: Literal["text", "json"] = "text"


class DeclaredTopic(Section):
    guild_id: Snowflake
    name: Name
    channel_id: Snowflake
    feeds: tuple[WebAddress, ...] = ()
    backfill: Whole | None = Field(default=None, ge=0, le=10_000)
    """None means `delivery.backfill`."""


class Pack(Section):
    name: Name
    description: str = ""
    feeds: Annotated[tuple[WebAddress, ...], AfterValidator(some)]
    in_language: Mapping[str, PackTexts] = Field(default={}, repr=False)
    """Its name and description in other languages, by Discord's names for them."""


def _no_topic_twice(topics: tuple[DeclaredTopic, ...]) -> tuple[DeclaredTopic, ...]:
    first: dict[tuple[int, str], int] = {}
    problems = []
    for number, topic in enumerate(topics, 1):
        earlier = first.setdefault((topic.guild_id, topic.name.casefold()), number)
        if earlier != number:
            problems.append((f"[{number}].name", f"{topic.name!r} is already declared in topics[{earlier}]"))
    _raise_if(problems)
    return topics


def _no_pack_twice(packs: tuple[Pack, ...]) -> tuple[Pack, ...]:
    names = [pack.name.casefold() for pack in packs]
    _raise_if(
        [
            (f"[{number}].name", f"{pack.name!r} is already the name of packs[{names.index(pack.name.casefold()) + 1}]")
            for number, pack in enumerate(packs, 1)
            if names.index(pack.name.casefold()) + 1 != number
        ]
    )
    return packs


def _raise_if(problems: list[tuple[str, str]]) -> None:
    """Report problems between keys: pydantic knows one place per error, so the keys travel inside it."""
    if problems:
        raise PydanticCustomError("between_keys", "keys do not fit together", {"problems": problems})


class Config(BaseModel):
    """All settings. Made by `load`; built directly, it has the defaults and reads nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    discord: DiscordSettings = DiscordSettings()
    store: StoreSettings = StoreSettings()
    fetch: FetchSettings = FetchSettings()
    polling: PollingSettings = PollingSettings()
    delivery: DeliverySettings = DeliverySettings()
    limits: LimitsSettings = LimitsSettings()
    fairness: FairnessSettings = FairnessSettings()
    guilds: GuildsSettings = GuildsSettings()
    web: WebSettings = WebSettings()
    logging: LoggingSettings = LoggingSettings()
    topics: Annotated[tuple[DeclaredTopic, ...], AfterValidator(_no_topic_twice)] = ()
    packs: Annotated[tuple[Pack, ...], AfterValidator(_no_pack_twice)] = ()
    token: SecretStr | None = None
    """Never in the file: from DISCORD_TOKEN or DISCORD_TOKEN_FILE."""

    @model_validator(mode="after")
    def _declared_for_permitted(self) -> Self:
        _raise_if(
            [
                (
                    f"topics[{number}].guild_id",
                    f"{topic.guild_id} may not use the bot; see guilds.allow and guilds.block",
                )
                for number, topic in enumerate(self.topics, 1)
                if not self.guilds.permits(topic.guild_id)
            ]
        )
        return self


# --- reading the sources -----------------------------------------------------------------------------


def load(path: Path | None, environ: Mapping[str, str]) -> Config:
    """Read the file at `path` (None: no file) and `environ` over it.

    Raises:
        ConfigError: anything is wrong; every problem has a line of its own that starts with its key or variable.
    """
    values = _read_file(path) if path is not None else {}
    problems: list[str] = []
    if "token" in values:
        del values["token"]
        problems.append("token: does not belong in the file; set DISCORD_TOKEN or DISCORD_TOKEN_FILE")
    variables: dict[str, str] = {}
    for key, value, variable in _from_environment(environ, problems):
        section, _, name = key.partition(".")
        table = values.setdefault(section, {})
        if isinstance(table, dict):
            table[name] = value
            variables[key] = variable
    token = _one_of(environ, "DISCORD_TOKEN", problems)
    if token is not None and re.search(r"\s", token):
        problems.append("DISCORD_TOKEN: has blanks in it; copy the token alone")
    try:
        config = Config(**values, token=SecretStr(token) if token else None)
    except ValidationError as error:
        for details in error.errors(include_url=False):
            problems.extend(explain(details, variables, siblings=_siblings, secret=SECRET_KEYS))
        raise ConfigError("\n".join(problems)) from None  # the cause would print values, passwords among them
    if problems:
        raise ConfigError("\n".join(problems))
    return config


def _read_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(f"{path}: there is no such file; copy config.example.toml to start with") from error
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is not UTF-8 text") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: is not valid TOML: {error}") from error


def known_variables() -> dict[str, str]:
    """Every RIVERPOST__ variable and the dotted key that it sets, without the …_FILE forms."""
    return {
        f"{PREFIX}{section}__{key}".upper(): f"{section}.{key}"
        for section, field in Config.model_fields.items()
        if isinstance(field.annotation, type) and issubclass(field.annotation, Section)
        for key in field.annotation.model_fields
    }


def _from_environment(environ: Mapping[str, str], problems: list[str]) -> Iterator[tuple[str, str, str]]:
    """Key, value and variable of all that is set; an empty variable counts as not set."""
    known = known_variables()
    with_file = {name for name, key in known.items() if key in SECRET_KEYS}
    names = [*known, *(f"{name}_FILE" for name in with_file)]
    problems.extend(
        f"{variable}: is not a known variable{did_you_mean(variable, names)}"
        for variable in sorted(environ)
        if variable.startswith(PREFIX) and variable not in names
    )
    problems.extend(slips(environ, names))
    for variable, key in known.items():
        value = _one_of(environ, variable, problems) if variable in with_file else environ.get(variable, "").strip()
        if value:
            yield key, value, variable


def _one_of(environ: Mapping[str, str], variable: str, problems: list[str]) -> str | None:
    """The value of `variable`, or of the file that `variable`_FILE names, trimmed; None if neither is set.

    Without both, a file of the variable's name in small letters in systemd's $CREDENTIALS_DIRECTORY counts.
    """
    value, file = environ.get(variable, "").strip(), environ.get(f"{variable}_FILE", "").strip()
    if not value and not file and (folder := environ.get("CREDENTIALS_DIRECTORY", "").strip()):
        credential = Path(folder) / variable.lower()
        file = str(credential) if credential.is_file() else ""
    if value and file:
        problems.append(f"{variable}: is set, and {variable}_FILE too; leave one out")
    if value or not file:
        return value or None
    try:
        text = Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        problems.append(f"{variable}_FILE: {file} cannot be read: {reason}")
        return None
    if not text:
        problems.append(f"{variable}_FILE: {file} is empty")
    return text or None


def _siblings(loc: tuple[int | str, ...]) -> list[str]:
    if len(loc) == 1:
        return [name for name in Config.model_fields if name != "token"]
    if isinstance(loc[1], int):
        return list((DeclaredTopic if loc[0] == "topics" else Pack).model_fields)
    section = Config.model_fields[str(loc[0])].annotation
    return list(section.model_fields) if isinstance(section, type) and issubclass(section, Section) else []
