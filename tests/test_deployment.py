"""What the files for running the bot promise: bounds on memory and processes, and no more rights than it needs."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from bot.feeds.http.dns import QUICK, SLOW
from tests.paths import ROOT

UNIT = (ROOT / "deploy" / "riverpost.service").read_text(encoding="utf-8")
COMPOSE = (ROOT / "compose.yaml").read_text(encoding="utf-8")
THREADS = QUICK + SLOW + 40
"""Of look-ups, the database, the executor and the parser."""


def setting(name: str) -> str:
    """The last value that the unit gives."""
    found = re.findall(rf"^{name}=(.*)$", UNIT, re.MULTILINE)
    assert found, f"{name} is not set"
    return str(found[-1])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("UMask", "0077"),
        ("StateDirectoryMode", "0700"),
        ("MemoryMax", "1G"),
        ("OOMPolicy", "continue"),
        ("NoNewPrivileges", "yes"),
        ("ProtectSystem", "strict"),
        ("ProtectProc", "invisible"),
        ("RemoveIPC", "yes"),
        ("SystemCallErrorNumber", "EPERM"),
    ],
)
def test_the_unit_bounds(name: str, value: str) -> None:
    assert setting(name) == value


def test_the_unit_lets_the_workers_build_their_walls() -> None:
    calls = setting("SystemCallFilter").split()
    assert calls[0] == "@system-service"
    assert {"landlock_create_ruleset", "landlock_restrict_self", "seccomp"} <= set(calls)


def test_there_is_room_for_every_thread_of_the_bot() -> None:
    assert int(setting("TasksMax")) >= THREADS
    limit = re.search(r"^    pids_limit: (\d+)$", COMPOSE, re.MULTILINE)
    assert limit
    assert int(limit[1]) >= THREADS


def test_the_container_is_bounded_and_read_only() -> None:
    for line in ("read_only: true", "mem_limit: 1g", "- ALL", "- no-new-privileges:true", "init: true"):
        assert re.search(rf"^ +{re.escape(line)}$", COMPOSE, re.MULTILINE), line
    assert re.search(r"^ +- /tmp:size=\d+m,", COMPOSE, re.MULTILINE)


def test_the_image_is_made_from_an_exact_version() -> None:
    assert re.search(r"^ARG BASE=python:3\.\d+\.\d+-slim-\w+", (ROOT / "Dockerfile").read_text(), re.MULTILINE)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    copy = tmp_path / "riverpost.service"
    copy.write_text(UNIT, encoding="utf-8")
    told = subprocess.run(
        ["systemd-analyze", "verify", str(copy)], capture_output=True, text=True, check=False, timeout=30
    )
    complaints = [
        line for line in told.stderr.splitlines() if "riverpost.service" in line and "is not executable" not in line
    ]
    assert complaints == []
