"""The project's own promises: what the README says, what the locks and scripts hold to."""

import ast
import configparser
import os
import re
import shutil
import stat
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import discord
import pytest
from discord import app_commands

from bot import __version__
from bot.gateway.client import RiverpostBot
from cogs.help.catalogue import leaves
from scripts import offline
from tests.conftest import SLOW
from tests.paths import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = (
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    *(f"docs/{page.name}" for page in sorted((ROOT / "docs").glob("*.md"))),
)
MAX_README_LINES = 130
READ_BY_IMPORT = "cogs/RSS/settings.json"
"""A file of Red-DiscordBot, which `/import` reads."""
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = ("base", "sandbox", "dev")
MAX_MODULE_LINES = 400
MAX_MODULES_PER_FOLDER = 15


def lock(name: str) -> str:
    return (ROOT / "requirements" / f"{name}.lock").read_text(encoding="utf-8")


def pins(name: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", lock(name), flags=re.MULTILINE))


# --- documents -----------------------------------------------------------------------------------


def test_the_first_invite_link_asks_for_exactly_four_permissions_and_the_second_for_what_options_need() -> None:
    wanted = discord.Permissions(view_channel=True, send_messages=True, embed_links=True, read_message_history=True)
    more = discord.Permissions(wanted.value)
    more.update(send_messages_in_threads=True, create_public_threads=True, manage_webhooks=True, mention_everyone=True)
    assert re.findall(r"permissions=(\d+)", README) == [str(wanted.value), str(more.value)]
    rows = [int(value) for value in re.findall(r"^ +\| [A-Z][A-Za-z @,]+ \| (\d+) \|", README, flags=re.MULTILINE)]
    assert sum(rows[:4]) == wanted.value
    assert sum(rows) == more.value


def test_the_guide_names_the_commands_and_no_others() -> None:
    guide = (ROOT / "docs" / "guide.md").read_text(encoding="utf-8")
    table = guide[guide.index("## Commands") : guide.index("## Filters")]
    commands = offline.run(slash_commands)
    assert sorted(re.findall(r"^\| `(/[a-z ]+)`", table, flags=re.MULTILINE)) == commands
    first = README[README.index("## First five commands") : README.index("## Read on")]
    assert len(named := re.findall(r"^\| `(/[a-z ]+)`", first, flags=re.MULTILINE)) == 5
    assert set(named) <= set(commands)


def test_the_readme_is_read_in_one_go() -> None:
    assert len(README.splitlines()) < MAX_README_LINES


def slash_commands(bot: RiverpostBot) -> list[str]:
    listed = [leaf for command in offline.top_level(bot) for leaf in leaves(command)]
    return sorted(f"/{each.qualified_name}" for each in listed if isinstance(each, app_commands.Command))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_local_link_of_a_document_leads_somewhere(name: str) -> None:
    page = ROOT / name
    targets = re.findall(r"(?<!!)\[[^\]]+\]\(([^)#]+)\)", page.read_text(encoding="utf-8"))
    assert [t for t in targets if not t.startswith("http") and not (page.parent / t).exists()] == []


ROOMS = {path.name for path in (ROOT / "bot").iterdir() if path.is_dir()}
KEYS = set(
    re.findall(r"^(?:# )?([a-z_]+) = ", (ROOT / "config.example.toml").read_text(encoding="utf-8"), flags=re.MULTILINE)
)


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if name != "CHANGELOG.md"])
def test_every_module_and_file_that_a_document_names_is_there(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    paths = re.findall(r"`((?:bot|cogs|tests|scripts|benchmarks|docs|requirements)/[\w./*-]+)`", text)
    assert [path for path in paths if path != READ_BY_IMPORT and not any(ROOT.glob(path.rstrip("/")))] == []
    assert modules_that_are_missing(text) == []


def test_every_module_that_a_docstring_names_is_there() -> None:
    found = {
        str(path.relative_to(ROOT)): missing
        for folder in ("bot", "cogs", "tests", "benchmarks", "scripts")
        for path in (ROOT / folder).rglob("*.py")
        if (missing := modules_that_are_missing(path.read_text(encoding="utf-8")))
    }
    assert found == {}


def modules_that_are_missing(text: str) -> list[str]:
    """Names in backticks that begin like a room of the bot, and lead nowhere; keys of the configuration are passed over."""
    missing = []
    for dotted in re.findall(r"`((?:[a-z_]+\.)+[A-Za-z_]+)`", text):
        first, *rest = dotted.split(".")
        top = first in {"bot", "cogs"}
        if (top or (first in ROOMS and rest[0] not in KEYS)) and not is_module(
            ROOT if top else ROOT / "bot", [first, *rest]
        ):
            missing.append(dotted)
    return missing


def is_module(start: Path, parts: list[str]) -> bool:
    """Whether a dotted name leads to a package, to a module, or to a name that stands in one."""
    at = start
    for index, part in enumerate(parts):
        if (at / part).is_dir():
            at /= part
            continue
        source = at / f"{part}.py"
        named = parts[index + 1 :]
        if not source.exists():
            source, named = at / "__init__.py", parts[index:]
        text = source.read_text(encoding="utf-8") if source.exists() else ""
        return all(re.search(rf"\b{name}\b", text) for name in named) and bool(text)
    return True


def test_the_changelog_has_each_group_once_in_a_version_and_each_line_once() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    for version in changelog.split("\n## ")[1:]:
        groups = re.findall(r"^### (\w+)$", version, flags=re.MULTILINE)
        assert len(groups) == len(set(groups)), "put the line into the group that is there already"
        assert set(groups) <= {"Security", "Added", "Changed", "Deprecated", "Removed", "Fixed"}
    items = re.findall(r"^ *- (.{40})", changelog, flags=re.MULTILINE)
    assert [item for item, count in Counter(items).items() if count > 1] == []


def test_the_version_is_the_same_everywhere() -> None:
    assert PROJECT["project"]["version"] == __version__
    assert f"Riverpost/{__version__} " in (ROOT / "config.example.toml").read_text(encoding="utf-8")


def test_every_module_stays_short_enough_to_be_read() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for folder in ("bot", "cogs", "tests", "scripts")
        for path in (ROOT / folder).rglob("*.py")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > MAX_MODULE_LINES
    }
    assert long == {}


def test_no_folder_has_too_many_modules() -> None:
    modules = [path for top in ("bot", "cogs") for path in (ROOT / top).rglob("*.py") if path.stem != "__init__"]
    folders = Counter(path.parent.relative_to(ROOT).as_posix() for path in modules if path.parent.name != "versions")
    assert {name: count for name, count in folders.items() if count > MAX_MODULES_PER_FOLDER} == {}


def test_every_package_says_what_lives_in_it() -> None:
    packages = [
        path for top in ("bot", "cogs") for path in (ROOT / top).rglob("__init__.py") if "versions" not in path.parts
    ]
    assert [
        path.parent.relative_to(ROOT).as_posix()
        for path in packages
        if ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) is None
    ] == []


def test_the_fast_run_leaves_out_what_is_slow_and_nothing_else() -> None:
    assert [place for place in SLOW if not (ROOT / place).exists()] == []
    command = [sys.executable, "-m", "pytest", "--fast", "--collect-only", "-q", "-n", "0"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout
    modules = {line.split("::")[0] for line in listed.splitlines() if "::" in line}
    every = {path.relative_to(ROOT) for path in (ROOT / "tests").rglob("test_*.py")}
    assert modules == {path.as_posix() for path in every if not any(path.is_relative_to(place) for place in SLOW)}


# --- locks -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_pins_by_hash_and_names_no_place_to_load_from(name: str) -> None:
    text = lock(name)
    assert not re.search(r"://|^-|\bfile:|--(index|extra|find)", text, flags=re.MULTILINE)
    entries = re.split(r"^(?=\S)", text, flags=re.MULTILINE)[1:]
    assert len(entries) > len(PROJECT["project"]["dependencies"])
    assert [entry for entry in entries if "==" not in entry or "--hash=sha256:" not in entry] == []


def test_the_three_locks_agree_and_hold_what_the_project_asks_for() -> None:
    base, sandbox, dev = (pins(name) for name in LOCKS)
    assert base.items() <= sandbox.items() <= dev.items()
    extras = PROJECT["project"]["optional-dependencies"]
    for asked, pinned in (
        (PROJECT["project"]["dependencies"], base),
        (extras["sandbox"], sandbox),
        (extras["dev"], dev),
    ):
        names = {re.split(r"[\[<>=;~! ]", line)[0].replace(".", "-") for line in asked} - {"riverpost"}
        assert names <= pinned.keys()
    assert f"simcord[preview]=={sandbox['simcord']}" in extras["sandbox"]


# --- running it ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["scripts/run", "scripts/test", "scripts/check", "scripts/lock", ".ci/run"])
def test_scripts_can_be_started_and_are_valid_shell(name: str) -> None:
    path = ROOT / name
    assert path.stat().st_mode & stat.S_IXUSR
    shell = "bash" if "bash" in path.read_text(encoding="utf-8").splitlines()[0] else "sh"
    assert subprocess.run([shell, "-n", path], check=False).returncode == 0


class Checkout:
    """The scripts in a folder of their own, with an environment that counts as installed and a bot that echoes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(ROOT / "scripts", folder / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copytree(ROOT / "requirements", folder / "requirements")
        (folder / "bot").mkdir()
        (folder / "bot" / "__main__.py").write_text(
            "import os, sys\nprint(os.getpid(), os.getcwd(), *sys.argv[1:])", encoding="utf-8"
        )

    def installed(self) -> "Checkout":
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", self.folder / ".venv"], check=True)
        for name in LOCKS:
            digest = subprocess.run(
                [sys.executable, "-c", f"import bootstrap; print(bootstrap.digest_of({name!r}), end='')"],
                check=True, capture_output=True, text=True, cwd=self.folder / "scripts",
            ).stdout  # fmt: skip
            (self.folder / ".venv" / f".riverpost-{name}-sha").write_text(digest, encoding="ascii")
        return self

    def ready(self, lock_name: str) -> bool:
        command = [sys.executable, "-I", str(self.folder / "scripts" / "bootstrap.py"), "ready", lock_name]
        return subprocess.run(command, check=False).returncode == 0

    def run(self, *arguments: str, environ: Mapping[str, str] | None = None) -> tuple[int, int, str, str]:
        """Exit code, process id of the script, output and errors; started from another folder."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith("DISCORD_TOKEN")}
        with subprocess.Popen(
            [self.folder / "scripts" / "run", *arguments], cwd="/", env=kept | dict(environ or {}),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        ) as process:  # fmt: skip
            out, err = process.communicate(timeout=30)
        return process.returncode, process.pid, out.strip(), err.strip()


def test_the_start_script_becomes_python_in_the_projects_folder(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path).installed()
    token = {"DISCORD_TOKEN": "x"}
    for arguments, environ, expected in (
        (("--config", "a b"), token, "run --config a b"),
        ((), {"DISCORD_TOKEN_FILE": "/x"}, "run"),
        (("check", "--config", "c"), {}, "check --config c"),
        (("sandbox",), token, "sandbox"),
        (("--help",), {}, "--help"),
        (("backup", "copies"), {}, "backup copies"),
        (("restore", "a.db"), token, "restore a.db"),
        (("bakcup",), {}, "bakcup"),
    ):
        code, pid, out, err = checkout.run(*arguments, environ=environ)
        assert (code, out, err) == (0, f"{pid} {tmp_path} {expected}", "")


def test_without_a_token_the_start_script_says_in_one_line_that_the_sandbox_starts(tmp_path: Path) -> None:
    code, pid, out, err = Checkout(tmp_path).installed().run("--port", "1")
    assert (code, out) == (0, f"{pid} {tmp_path} sandbox --port 1")
    assert re.fullmatch(r"riverpost: no DISCORD_TOKEN is set, so the sandbox starts[^\n]*", err)


def test_a_changed_lock_or_a_cut_off_installation_is_noticed(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path)
    assert not checkout.ready("base")
    checkout.installed()
    assert checkout.ready("base")
    (tmp_path / ".venv" / ".riverpost-unfinished").touch()
    assert not checkout.ready("base")
    (tmp_path / ".venv" / ".riverpost-unfinished").unlink()
    with (tmp_path / "requirements" / "base.lock").open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert not checkout.ready("base")
    assert checkout.ready("dev")


def test_what_is_missing_is_said_plainly(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path)
    empty = tmp_path / "bin"
    empty.mkdir()
    for tool in ("dirname", "sh"):
        (empty / tool).symlink_to(str(shutil.which(tool)))
    code, _, _, err = checkout.run("check", environ={"PATH": str(empty), "PYTHON": ""})
    assert code == 1
    assert "Python 3.11 or newer is needed: install it" in err
    # A Python without ensurepip, as Debian ships it.
    (empty / "python3").write_text(
        f'#!/bin/sh\ncase "$*" in *ensurepip*) exit 1;; esac\nexec {sys.executable} "$@"\n', encoding="utf-8"
    )
    (empty / "python3").chmod(0o755)
    code, _, _, err = checkout.run("check", environ={"PATH": str(empty), "PYTHON": ""})
    assert code == 1
    assert "python3 has no venv module: install python3-venv (Debian/Ubuntu: apt install python3-venv)" in err
    code, _, _, err = checkout.run("check", environ={"PYTHON": "/nowhere/python"})
    assert code == 1
    assert "PYTHON=/nowhere/python is not a Python 3.11 or newer" in err


def test_the_image_is_small_runs_as_nobody_special_and_knows_its_health() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    final = text[text.rindex("FROM ") :]
    assert text.count("FROM ") == 2
    assert "requirements/base.lock" in text
    assert "dev.lock" not in text
    for line in ("USER riverpost", "VOLUME /app/data", "STOPSIGNAL SIGTERM", 'ENTRYPOINT ["python", "-m", "bot"]'):
        assert f"\n{line}\n" in final
    assert 'CMD ["python", "-m", "bot", "healthcheck"]' in final


def test_the_systemd_unit_restarts_after_failures_and_gives_the_token_as_a_file() -> None:
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]  # the documented way to keep upper case
    unit.read(ROOT / "deploy" / "riverpost.service", encoding="utf-8")
    service = unit["Service"]
    assert service["Restart"] == "on-failure"
    assert service["LoadCredential"].startswith("discord_token:")
    assert service["User"] != "root"
