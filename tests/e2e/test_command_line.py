"""`python -m bot …` as an operator types it: exit codes, and words without a traceback."""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.clock import SystemClock
from tests.e2e.process import Bot, command
from tests.opening import open_store
from tests.paths import ROOT
from tests.wire.loopback.server import LoopbackDiscord

pytestmark = pytest.mark.e2e


async def test_the_health_check_tells_a_running_bot_from_one_that_is_not(
    discord: LoopbackDiscord, tmp_path: Path
) -> None:
    bot = Bot(tmp_path, discord.api_url, discord.token, [], makes_database=True)
    bot.write_config()
    assert (await command(tmp_path, "healthcheck"))[0] == 1
    async with bot.running():
        await discord.wait_for(bot.database.exists)
        async with asyncio.timeout(60):
            while (await command(tmp_path, "healthcheck"))[0] != 0:
                pass  # each look takes a process, which is pause enough
            while "Discord: connected" not in (await command(tmp_path, "status"))[1]:
                pass
        assert (await command(tmp_path, "healthcheck"))[1].strip() == ""
        assert await bot.stop() == 0
    for words in ("riverpost starts", "connected to Discord", "riverpost stops"):
        assert words in bot.logged()


async def test_the_health_check_warns_where_discord_is_not_there(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/a.db"
    store = await open_store(url, now=SystemClock().now())
    await store.upkeep.beat(("poll", "deliver"), now=SystemClock().now())
    await store.close()
    environment = {"RIVERPOST__STORE__URL": url}
    code, said = await command(tmp_path, "healthcheck", **environment)
    assert (code, said.strip()) == (0, "warning: Discord is not connected; last seen: never")
    assert "Discord: not connected; last seen: never" in (await command(tmp_path, "status", **environment))[1]


@pytest.mark.parametrize(
    ("config", "arguments", "words"),
    [
        ("", ("run",), "DISCORD_TOKEN is not set"),
        ("[polling]\nmin_interval = 5\n", ("check",), "polling.min_interval"),
        ("[polling]\nmin_interval_seconds = 0\n", ("run",), "polling.min_interval_seconds"),
        ("", ("check", "--config", "missing.toml"), "missing.toml"),
    ],
    ids=["no token", "unknown key", "wrong value", "no file"],
)
async def test_what_is_wrong_at_the_start_is_named_with_exit_code_1(
    tmp_path: Path, config: str, arguments: tuple[str, ...], words: str
) -> None:
    (tmp_path / "config.toml").write_text(config)
    code, said = await command(tmp_path, *arguments)
    assert code == 1
    assert words in said
    assert "Traceback" not in said


@pytest.mark.parametrize("arguments", [("fly",), ("sandbox", "--port", "99999"), ("sandbox", "--port", "-1")])
async def test_a_wrong_command_line_is_exit_code_2(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    assert (await command(tmp_path, *arguments))[0] == 2


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (lambda path: path.write_bytes(bytes(range(256)) * 20), "file is not a database"),
        (Path.mkdir, "a.db cannot be used: Is a directory"),
        (lambda path: path.parent.rmdir() or path.parent.touch(), "the folder of the database"),
    ],
    ids=["no database", "a folder", "no folder"],
)
async def test_migrate_says_in_words_what_it_cannot_use(
    tmp_path: Path, made: Callable[[Path], object], words: str
) -> None:
    path = tmp_path / "data" / "a.db"
    path.parent.mkdir()
    made(path)
    code, said = await command(tmp_path, "migrate", RIVERPOST__STORE__URL=f"sqlite:///{path}")
    assert code == 1
    assert words in said
    assert "Traceback" not in said


async def test_migrate_leaves_a_database_alone_that_a_bot_uses(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/a.db"
    store = await open_store(url, now=SystemClock().now())
    code, said = await command(tmp_path, "migrate", RIVERPOST__STORE__URL=url)
    await store.close()
    assert (code, "another Riverpost uses the database" in said) == (1, True)
    assert await command(tmp_path, "migrate", RIVERPOST__STORE__URL=url) == (0, f"{tmp_path}/a.db is up to date.\n")


@pytest.mark.parametrize("name", ["a%20b.db", "a?b.db", "a#b.db", "a b.db", "ä.db"])
async def test_a_database_may_have_any_name(tmp_path: Path, name: str) -> None:
    url = f"sqlite:///{tmp_path}/{name}"
    store = await open_store(url, now=SystemClock().now())
    assert await store.topics.create(guild_id=1, name="news", channel_id=10, now=SystemClock().now())
    await store.close()
    code, said = await command(tmp_path, "status", RIVERPOST__STORE__URL=url)
    assert code == 0, said
    made = {path.name for path in tmp_path.iterdir()}  # noqa: ASYNC240 - a handful of names
    assert made <= {f"{name}{end}" for end in ("", ".lock", "-wal", "-shm")}


async def test_the_package_is_a_program_of_its_own(tmp_path: Path) -> None:
    environment = {"PYTHONPATH": str(ROOT), "PATH": ""}
    started = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "check", cwd=tmp_path, env=environment, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await asyncio.wait_for(started.communicate(), 60)
    assert (started.returncode, said.decode().startswith("The configuration is right")) == (0, True)


EARLY = """
import importlib.abc, os, runpy, signal, sys, time

class Stopper(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name == WHEN:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(5)

WHEN = sys.argv.pop(1)
sys.modules.pop(WHEN, None)
sys.meta_path.insert(0, Stopper())
runpy.run_module("bot", run_name="__main__", alter_sys=True)
"""


@pytest.mark.parametrize("when", ["argparse", "bot.logs", "bot.app"])
async def test_a_signal_in_the_middle_of_the_start_ends_it_at_once(tmp_path: Path, when: str) -> None:
    """With exit code 0: without a handler of its own, the first process of a container would go on."""
    environment = {
        "PYTHONPATH": str(ROOT),
        "DISCORD_TOKEN": "a.b.c",
        "RIVERPOST__DISCORD__API_URL": "http://127.0.0.1:9",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", EARLY, when, "run", cwd=tmp_path, env=environment, stderr=asyncio.subprocess.PIPE
    )
    _, said = await process.communicate()
    assert (process.returncode, said) == (0, b"")
