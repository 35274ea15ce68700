"""The parts of libraries that are relied on though nobody promised them. After an upgrade, this says which of them is gone.

Every library that is named here is held below its next minor version in pyproject.toml.
"""

import asyncio
import gettext
import inspect
import re
import tomllib
from importlib.metadata import version
from typing import Any

import aiohttp
import aiosqlite
import aiosqlite.core
import discord
import feedparser
import feedparser.mixin
import pytest
import simcord
import sqlalchemy
from aiohttp.client_proto import ResponseHandler
from aiohttp.helpers import set_exception
from discord.client import Client
from discord.gateway import DiscordWebSocket
from discord.http import HTTPClient, Ratelimit, Route
from discord.state import ConnectionState
from discord.ui.view import ViewStore
from packaging.requirements import Requirement
from packaging.version import Version
from simcord._clock import Clock
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.util import LRUCache

from tests.paths import ROOT

HELD = ("discord.py", "feedparser", "aiohttp", "aiosqlite", "sqlalchemy", "simcord")


def parameters(function: Any) -> list[str]:
    return list(inspect.signature(function).parameters)


def source(part: Any) -> str:
    return inspect.getsource(part)


def requirements() -> dict[str, Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    listed = [*project["dependencies"], *project["optional-dependencies"]["sandbox"]]
    return {each.name: each for each in map(Requirement, listed)}


@pytest.mark.parametrize("name", HELD)
def test_a_library_whose_private_parts_are_relied_on_is_held_below_its_next_minor_version(name: str) -> None:
    major, minor = Version(version(name)).release[:2]
    held = requirements()[name].specifier
    assert version(name) in held
    assert f"{major}.{minor + 1}" not in held, f"pyproject.toml lets {name} {major}.{minor + 1} in, which nobody tried"


@pytest.mark.parametrize("name", sorted(requirements().keys() - {"tzdata"}))
def test_every_library_has_an_upper_bound(name: str) -> None:
    """The versions of tzdata are years: a newer one has newer time zones and nothing else."""
    assert any(bound.operator in {"<", "==", "~="} for bound in requirements()[name].specifier)


# --- discord.py: views and buttons (bot.gateway.view_store, bot.gateway.client) --------------------------------------------


async def test_discord_py_keeps_views_where_unanswered_presses_are_told_apart() -> None:
    client = discord.Client(intents=discord.Intents.none())
    kept = client._connection._view_store
    assert isinstance(kept, ViewStore), "the client no longer keeps its views in `_connection._view_store`"
    for name in ("_views", "_modals", "_dynamic_items"):
        assert isinstance(getattr(kept, name, None), dict), (
            f"`ViewStore.{name}` is no dict any more: see bot.gateway.view_store"
        )
    assert parameters(ViewStore.__init__) == ["self", "state"]


def test_discord_py_hands_presses_to_the_methods_that_are_extended() -> None:
    assert parameters(ViewStore.dispatch_view) == ["self", "component_type", "custom_id", "interaction"]
    assert parameters(ViewStore.dispatch_modal) == ["self", "custom_id", "interaction", "components", "resolved"]


async def test_discord_py_finds_what_parses_an_interaction_in_a_dict() -> None:
    client = discord.Client(intents=discord.Intents.none())
    assert callable(client._connection.parsers["INTERACTION_CREATE"]), "the reader's language is set around it"
    assert parameters(ConnectionState.parse_interaction_create) == ["self", "data"]


# --- discord.py: addresses, sessions, handlers (bot.gateway.client) ---------------------------------------------


def test_discord_py_takes_its_addresses_from_two_attributes() -> None:
    assert isinstance(Route.BASE, str)
    assert "DEFAULT_GATEWAY" in vars(DiscordWebSocket), "the gateway's address is no longer `DEFAULT_GATEWAY`"


async def test_discord_py_keeps_its_session_under_a_name_that_is_known() -> None:
    client = discord.Client(intents=discord.Intents.none())
    assert hasattr(client.http, "_HTTPClient__session"), "a login that failed would leave its session behind"


def test_discord_py_names_the_tasks_of_its_event_handlers() -> None:
    assert "discord.py: {event_name}" in source(Client._schedule_event), "closing waits for handlers by this name"
    assert "'on_' + event" in source(Client.dispatch)


# --- discord.py: limits and repeats (bot.posting.discord.request_monitor, bot.posting.discord.error_mapping) ---------------------------


async def test_discord_py_lets_everybody_wait_for_a_global_limit_with_an_event() -> None:
    client = discord.Client(intents=discord.Intents.none())
    assert "_global_over" in source(HTTPClient.request), "after a time-out in a global limit nobody would be let go"
    assert hasattr(client.http, "_global_over")


def test_discord_py_sleeps_through_waits_up_to_what_it_is_told_and_no_less_than_30_seconds() -> None:
    asked = source(HTTPClient.request)
    assert "retry_after > self.max_ratelimit_timeout" in asked
    assert "raise RateLimited(retry_after)" in asked
    assert "self._max_ratelimit_timeout" in source(Ratelimit.acquire)
    assert "max(30.0, max_ratelimit_timeout)" in source(HTTPClient.__init__)


def test_discord_py_repeats_after_these_answers_alone_from_inside_of_its_request() -> None:
    asked = source(HTTPClient.request)
    assert "{500, 502, 504, 524}" in asked, "other answers than those that are kept from being repeated"
    assert re.search(r"except OSError as e:\s+# Connection reset", asked), "what is raised from a trace may be repeated"


async def test_what_a_trace_of_aiohttp_raises_at_the_end_of_a_request_ends_it() -> None:
    """Without this, discord.py's own repeats would post twice in forums and by webhooks."""

    class Stop(aiohttp.ClientError):
        pass

    async def stop(*_: object) -> None:
        raise Stop

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 500 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    trace = aiohttp.TraceConfig()
    trace.on_request_end.append(stop)
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, aiohttp.ClientSession(trace_configs=[trace]) as session:
        with pytest.raises(Stop):
            await session.get(f"http://127.0.0.1:{port}/")


# --- aiohttp (bot.feeds.http.transfer_meter) --------------------------------------------------------------------------------


def test_aiohttp_makes_what_reads_a_connection_by_a_factory_that_can_be_replaced() -> None:
    assert "self._factory = functools.partial(ResponseHandler, loop=loop)" in source(aiohttp.BaseConnector.__init__)
    assert "self._factory" in source(aiohttp.TCPConnector)
    assert parameters(ResponseHandler.__init__) == ["self", "loop"]


def test_aiohttp_reads_a_connection_by_methods_that_are_extended() -> None:
    for name in ("set_response_params", "data_received", "feed_data", "resume_reading", "connection_lost", "abort"):
        assert callable(getattr(ResponseHandler, name)), name
    for name in ("_pause_transport_reading", "_resume_transport_reading"):
        assert callable(getattr(ResponseHandler, name)), (
            f"`ResponseHandler.{name}` is gone: a fast host is not held back"
        )
    assert "self._payload" in source(ResponseHandler.__init__)
    assert parameters(set_exception)[:2] == ["fut", "exc"]


# --- feedparser (bot.feeds.parsing.feedparser_adapter) ------------------------------------------------------------------------


def test_feedparser_resolves_addresses_by_a_function_that_can_be_replaced() -> None:
    assert callable(feedparser.mixin.make_safe_absolute_uri)
    assert "make_safe_absolute_uri(" in source(feedparser.mixin._FeedParserMixin)


def test_feedparser_keeps_what_is_slow_in_methods_that_can_be_replaced() -> None:
    mixin = feedparser.mixin._FeedParserMixin
    assert isinstance(mixin.can_be_relative_uri, set)
    assert parameters(mixin._add_tag) == ["self", "term", "scheme", "label"]
    assert parameters(mixin._sync_author_detail) == ["self", "key"]
    assert parameters(mixin.track_namespace) == ["self", "prefix", "uri"]
    assert parameters(mixin.unknown_starttag) == ["self", "tag", "attrs"]
    assert parameters(mixin.unknown_endtag) == ["self", "tag"]


def test_feedparser_reads_titles_descriptions_and_guids_in_methods_that_can_be_replaced() -> None:
    mixin = feedparser.mixin._FeedParserMixin
    assert parameters(mixin.push_content) == ["self", "tag", "attrs_d", "default_content_type", "expecting_text"]
    assert parameters(mixin.pop_content) == ["self", "tag"]
    assert "contentparams" in source(mixin.push_content)
    assert parameters(mixin.map_content_type) == ["content_type"]
    for name in ("_start_media_title", "_end_media_title", "_start_media_description", "_end_media_description"):
        assert callable(getattr(mixin, name)), name
    assert "guidislink" in source(mixin._end_guid)


# --- aiosqlite (bot.store.engine.fast_driver, tests.wire.virtual) -------------------------------------------------------


def test_aiosqlite_runs_a_function_in_the_thread_of_a_connection() -> None:
    assert parameters(aiosqlite.Connection._execute)[:2] == ["self", "fn"]
    assert isinstance(inspect.getattr_static(aiosqlite.Connection, "_conn"), property)
    assert "_thread" in source(aiosqlite.Connection.__init__), "a connection that is left open would hold the process"


def test_aiosqlite_takes_its_orders_from_a_queue() -> None:
    for name in ("set_result", "set_exception", "_STOP_RUNNING_SENTINEL"):
        assert hasattr(aiosqlite.core, name), f"aiosqlite.core.{name} is gone: see tests.wire.virtual"


# --- SQLAlchemy (bot.store.engine.database, tests.opening) ---------------------------------------------------------------


def test_sqlalchemy_keeps_what_it_compiled_with_an_engine_and_asks_the_engine_for_its_dialect() -> None:
    engine = sqlalchemy.create_engine("sqlite://")
    assert isinstance(engine._compiled_cache, LRUCache)
    assert "engine.dialect" in source(sqlalchemy.Connection.__init__)
    engine.dispose()


async def test_sqlalchemy_takes_a_connection_of_aiosqlite_from_a_function() -> None:
    asked = []

    async def connect() -> aiosqlite.Connection:
        asked.append(1)
        return await aiosqlite.connect(":memory:")

    engine = create_async_engine("sqlite+aiosqlite://", async_creator=connect)
    async with engine.connect() as connection:
        assert isinstance((await connection.get_raw_connection()).driver_connection, aiosqlite.Connection)
    await engine.dispose()
    assert asked == [1]


# --- simcord (bot.sandbox.discord_simulator) -------------------------------------------------------------------------------------


def test_simcord_asks_a_clock_of_its_backend_that_can_be_replaced() -> None:
    assert parameters(Clock.now) == ["self"]
    assert "self.backend.clock.now()" in source(simcord.Env)


# --- the standard library (bot.i18n.translation) -----------------------------------------------------------------------


def test_a_catalogue_of_gettext_has_its_texts_in_a_dict() -> None:
    assert "self._catalog" in source(gettext.GNUTranslations._parse)
