"""The bot as a process of its own, the config it is started with, and the commands of the shell."""

import asyncio
import contextlib
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from bot.jobs.posting.send_results import SETTLED_SECONDS
from tests.e2e import zygote
from tests.opening import migrated
from tests.paths import ROOT


async def command(folder: Path, *arguments: str, **environment: str) -> tuple[int | None, str]:
    """`python -m bot …` in a folder: its exit code and everything it said."""
    with tempfile.NamedTemporaryFile() as output:
        environment = {"PYTHONPATH": str(ROOT), "PATH": ""} | environment
        process = await zygote.start(arguments, folder=folder, output=Path(output.name), environment=environment)
        try:
            code = await asyncio.wait_for(process.wait(), 60)
        except TimeoutError:
            process.kill()
            raise
        return code, output.read().decode()


@dataclass
class Topic:
    name: str
    guild_id: int
    channel_id: int
    feeds: Sequence[str]
    backfill: int | None = None


@dataclass
class Bot:
    """Starts, kills and stops one bot that keeps its database between the starts."""

    folder: Path
    api_url: str
    token: str
    topics: Sequence[Topic]
    backfill: int = 0
    poll_seconds: int = 1
    extra: Mapping[str, str] = field(default_factory=dict)
    process: zygote.ForkedProcess | None = None
    settled_seconds: float = SETTLED_SECONDS
    disk: Path | None = None
    """Where the database lies, if not in the folder."""
    makes_database: bool = False
    """Whether the first start has no database yet; by default it finds an empty one, which saves the migrations."""

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"

    @property
    def log(self) -> Path:
        return self.folder / "log.txt"

    @property
    def database(self) -> Path:
        return (self.disk or self.folder) / "riverpost.db"

    def write_config(self) -> None:
        lines = [
            f'[discord]\napi_url = "{self.api_url}"',
            f'[store]\nurl = "sqlite:///{self.database}"',
            "[fetch]\nallow_private_networks = true\nper_host_interval_seconds = 0\nper_host_connections = 8\ntimeout_seconds = 5",
            "[fairness]\nbusy_percent = 100",
            "[polling]",
            *(f"{name}_interval_seconds = {self.poll_seconds}" for name in ("default", "min", "max")),
            f"[delivery]\nbackfill = {self.backfill}\nrequests_per_second = 50",
            '[logging]\nlevel = "info"',
        ]
        for topic in self.topics:
            lines.append(
                f'[[topics]]\nguild_id = {topic.guild_id}\nname = "{topic.name}"\nchannel_id = {topic.channel_id}\n'
                f"feeds = {list(topic.feeds)!r}"
            )
            if topic.backfill is not None:
                lines.append(f"backfill = {topic.backfill}")
        self.config.write_text("\n".join(lines) + "\n")

    async def start(self, *, stop_at: str | None = None) -> None:
        """Start it; with `stop_at` ("planned:2") it kills itself with SIGKILL at that step's second time."""
        self.write_config()
        if not self.makes_database and not self.database.exists():
            shutil.copyfile(migrated(), self.database)
        environment = {
            key: value for key, value in os.environ.items() if not key.startswith(("DISCORD_", "RIVERPOST__"))
        }
        environment |= {"DISCORD_TOKEN": self.token, "PYTHONPATH": str(ROOT)} | dict(self.extra)
        program = ["run", "--config", str(self.config)]
        if stop_at is not None or self.settled_seconds != SETTLED_SECONDS:
            script = Path(__file__).with_name("staged_bot.py")
            program = [str(script), str(self.config), stop_at or "-", str(self.settled_seconds)]
        self.process = await zygote.start(program, folder=self.folder, output=self.log, environment=environment)

    async def kill(self) -> None:
        """SIGKILL, as the machine's loss of power would be."""
        assert self.process is not None
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()

    async def stop(self, *, within: float = 10.0) -> int:
        """SIGTERM. The exit code."""
        assert self.process is not None
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self.process.wait(), within)

    async def wait(self, *, within: float = 60.0) -> int:
        assert self.process is not None
        return await asyncio.wait_for(self.process.wait(), within)

    def logged(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def memory_bytes(self) -> int:
        """Of the bot and its workers together; what they share counts once (PSS)."""
        assert self.process is not None
        total = 0
        with contextlib.suppress(psutil.Error):
            family = psutil.Process(self.process.pid)
            for member in [family, *family.children(recursive=True)]:
                with contextlib.suppress(psutil.Error):
                    total += member.memory_full_info().pss
        return total

    @contextlib.asynccontextmanager
    async def watched_memory(self) -> AsyncIterator[list[int]]:
        """Samples of `memory_bytes`, taken ten times a second until the block ends."""
        samples: list[int] = []

        async def watch() -> None:
            while True:
                samples.append(await asyncio.to_thread(self.memory_bytes))
                await asyncio.sleep(0.1)

        watching = asyncio.create_task(watch())
        try:
            yield samples
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["Bot"]:
        await self.start()
        try:
            yield self
        finally:
            if self.process is not None and self.process.returncode is None:
                await self.kill()
