"""The command line: python -m bot run|check|migrate|healthcheck|status|import|export|backup|restore|sandbox [--config FILE]."""

import os
import signal
from typing import NoReturn


def _end_at_once(_signal: int, _frame: object) -> NoReturn:
    """Nothing is begun yet that must be ended in order, and the database survives any end."""
    os._exit(0)


if __name__ == "__main__":
    # Before anything else: as the first process of a container it would not be ended by a signal that it does not handle.
    signal.signal(signal.SIGTERM, _end_at_once)

import argparse
import asyncio
import shlex
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from bot import __version__, interpreter_tuning, logs
from bot.clock import SystemClock
from bot.config import settings
from bot.config.settings import Config
from bot.errors import ConfigError, RiverpostError
from bot.schedules import zone_data
from bot.store.admin import heartbeat
from bot.store.engine.database import bring_up_to_date, path_of

OK, FAILED, WRONG_USAGE = 0, 1, 2


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="python -m bot", description="Riverpost follows news feeds and posts every new article in Discord, once."
    )
    made.add_argument("--version", action="version", version=f"Riverpost {__version__}")
    commands = made.add_subparsers(dest="command", required=True, metavar="command")
    for name, text in (
        ("run", "run the bot; needs DISCORD_TOKEN"),
        ("check", "say whether the configuration is right"),
        ("migrate", "bring the database up to date, as `run` does by itself"),
        ("healthcheck", "exit with 0 if a running bot is well"),
        ("status", "say how many feeds, topics and waiting articles there are"),
        ("import", "follow every feed of a list (OPML); while the bot runs use /import in Discord"),
        ("export", "write what is followed as a list (OPML)"),
        ("backup", "copy the database, also while the bot runs, and check the copy"),
        ("restore", "put a copy in the database's place; stop the bot first"),
        ("sandbox", "try the bot in a local web page, without Discord and without a token"),
    ):
        command = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
        command.add_argument(
            "--config", type=Path, metavar="FILE", help="default: ./config.toml if it is there, else built-in defaults"
        )
        _add_arguments(name, command)
    return made


def _add_arguments(name: str, command: argparse.ArgumentParser) -> None:
    """What only this command takes."""
    if name == "sandbox":
        command.add_argument("--port", type=_port, default=0, help="port of the page; default: any free one")
    elif name == "import":
        command.add_argument("file", type=Path, metavar="FILE", help="an OPML file")
        command.add_argument("--guild", type=_discord_id, required=True, metavar="ID", help="the Discord server")
        command.add_argument(
            "--channel", type=_discord_id, required=True, metavar="ID", help="where topics post that are made for it"
        )
        command.add_argument("--topic", metavar="NAME", help="the topic that follows; default: called like the list")
        command.add_argument("--folders", action="store_true", help="make each folder of the list a topic")
    elif name == "export":
        command.add_argument("file", type=Path, nargs="?", metavar="FILE", help="default: standard output")
        command.add_argument("--guild", type=_discord_id, metavar="ID", help="only this Discord server")
        command.add_argument("--topic", metavar="NAME", help="only the topic of this name")
        command.add_argument(
            "--with-secrets",
            action="store_true",
            help="write passwords and keys of private feeds too, to a file that only you can read",
        )

    elif name == "backup":
        command.add_argument(
            "file",
            type=Path,
            nargs="?",
            metavar="FILE",
            help="a new file, or a folder, which keeps the newest seven; default: the folder backups beside the database",
        )
    elif name == "restore":
        command.add_argument("file", type=Path, metavar="FILE", help="a copy that `backup` made")


def _discord_id(text: str) -> int:
    """A server's or channel's number. Raises ArgumentTypeError, which argparse turns into exit code 2."""
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 2**63):
        raise argparse.ArgumentTypeError(f"{text!r} is no Discord id: it is a long number")
    return int(text)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) < 2**16):
        raise argparse.ArgumentTypeError(f"{text!r} is no port: it is a number from 0 to 65535")
    return int(text)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Exit code 0 ok, 1 error, 2 wrong usage (argparse exits by itself)."""
    os.umask(0o077)  # whatever is written, the database and exports of it among them, is the user's alone
    options = parser().parse_args(arguments)
    zone_data.use_newest()
    try:
        loaded = settings.load(_config_path(options.config), os.environ)
    except ConfigError as error:
        print(f"The configuration is wrong:\n{error}", file=sys.stderr)
        return FAILED
    secrets = [loaded.token.get_secret_value()] if loaded.token else []
    logs.setup(loaded.logging.level, loaded.logging.format, secrets)
    try:
        code = _do(loaded, options)
        sys.stdout.flush()
    except RiverpostError as error:
        print(f"Riverpost: {error}", file=sys.stderr)
        return FAILED
    except BrokenPipeError:
        # Who read the output has enough, `status | head` for instance. Python would complain when it flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    return code


def _do(loaded: Config, options: argparse.Namespace) -> int:
    if options.command == "sandbox":
        return _sandbox(loaded, options.port)
    if options.command in {"import", "export"}:
        return _lists(loaded, options)
    if options.command == "backup":
        return _backup(loaded, options.file)
    if options.command == "restore":
        return _restore(loaded, options.file)
    return COMMANDS[options.command](loaded)


def _config_path(given: Path | None) -> Path | None:
    if given is not None:
        return given
    default = Path("config.toml")
    return default if default.exists() else None


def run(loaded: Config) -> int:
    if loaded.token is None:
        print(
            "DISCORD_TOKEN is not set: put your bot's token there, or its file into DISCORD_TOKEN_FILE.\n"
            f"To try Riverpost without a token: {shlex.quote(sys.executable)} -m bot sandbox",
            file=sys.stderr,
        )
        return FAILED
    import uvloop  # noqa: PLC0415 - only `run` needs it, and the sandbox must not have it

    return uvloop.run(_run(loaded, loaded.token.get_secret_value()))


async def _run(loaded: Config, token: str) -> int:
    interpreter_tuning.seldom()
    from bot.app import App  # noqa: PLC0415 - heavy, and the short commands do without

    app = App(loaded)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, app.stop)
    async with app:
        interpreter_tuning.settle()
        return await app.run(token)


def check(loaded: Config) -> int:
    feeds = sum(len(topic.feeds) for topic in loaded.topics)
    print(
        f"The configuration is right: {len(loaded.topics)} declared topics with {feeds} feeds, {len(loaded.packs)} packs."
    )
    if loaded.token is None:
        print("DISCORD_TOKEN is not set: `run` needs it, `sandbox` does not.")
    if not loaded.fetch.has_contact:
        print(
            "fetch.user_agent names no contact: put a web or mail address there, so that hosts of feeds can reach you."
        )
    print(_zones(SystemClock().now()))
    return OK


def _zones(now: datetime) -> str:
    """Which data of time zones digests and quiet hours go by, and what to do where it is old."""
    found = zone_data.newest()
    if found is None:
        return "The version of the time zone data is not known: update the package tzdata (pip install -U tzdata)."
    if found.is_old(now):
        return (
            f"The time zone data is old ({found}): where a country changed its clocks since, digests come at the wrong "
            "hour. Update the package tzdata (pip install -U tzdata), or the image."
        )
    return f"Time zone data: {found}."


def migrate(loaded: Config) -> int:
    path = path_of(loaded.store.url)
    revision = bring_up_to_date(path)
    print(f"{path} is up to date." if revision is None else f"{path} was brought to schema {revision}.")
    return OK


def healthcheck(loaded: Config) -> int:
    problems = heartbeat.problems(path_of(loaded.store.url), now=SystemClock().now(), within=heartbeat.HEALTHY)
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        return FAILED
    discord = heartbeat.gateway(path_of(loaded.store.url), now=SystemClock().now(), within=heartbeat.HEALTHY)
    if discord != heartbeat.CONNECTED:
        print(f"warning: Discord is {discord}", file=sys.stderr)
    return OK


def status(loaded: Config) -> int:
    path, now = path_of(loaded.store.url), SystemClock().now()
    print(f"Discord: {heartbeat.gateway(path, now=now, within=heartbeat.HEALTHY)}")
    for line in heartbeat.summary(path, now=now):
        print(line)
    return OK


def _backup(loaded: Config, target: Path | None) -> int:
    from bot.store.admin import backup  # noqa: PLC0415 - heavy, and the short commands do without

    copy = backup.make(path_of(loaded.store.url), target, now=SystemClock().now())
    print(f"{copy} is a copy of the database, {copy.stat().st_size / 1e6:.1f} MB, and was checked.")
    return OK


def _restore(loaded: Config, copy: Path) -> int:
    from bot.store.admin import backup  # noqa: PLC0415 - heavy, and the short commands do without

    path = path_of(loaded.store.url)
    before = backup.restore(path, copy, now=SystemClock().now())
    print(f"{path} is what {copy} was.")
    if before is not None:
        print(f"What was there before is {before}; delete it when you do not need it any more.")
    return OK


def _sandbox(loaded: Config, port: int) -> int:
    from bot import sandbox  # noqa: PLC0415 - an optional extra

    return asyncio.run(sandbox.run(loaded, port=port))


def _lists(loaded: Config, options: argparse.Namespace) -> int:
    from bot import opml_commands  # noqa: PLC0415 - heavy, and the short commands do without

    if options.command == "export":
        return opml_commands.export_list(
            loaded, guild_id=options.guild, topic=options.topic, file=options.file, with_secrets=options.with_secrets
        )
    order = opml_commands.ImportOrder(options.file, options.guild, options.channel, options.topic, options.folders)
    return opml_commands.import_list(loaded, order)


COMMANDS: dict[str, Callable[[Config], int]] = {
    "run": run,
    "check": check,
    "migrate": migrate,
    "healthcheck": healthcheck,
    "status": status,
}

if __name__ == "__main__":
    sys.exit(main())
