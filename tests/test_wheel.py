"""What is built from the project can be installed, and runs: the wheel is built once, with the tools that are here."""

import importlib.util
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from bot import __version__
from tests.paths import ROOT


def run(*command: object, cwd: Path, **more: str) -> str:
    """What a process says. It knows nothing of the checkout, and of the environment what is installed in it."""
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [str(each) for each in command], cwd=cwd, env=kept | more, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built wheel. It is built from what git has, so that nothing is in it by chance."""
    if importlib.util.find_spec("setuptools") is None:
        pytest.skip("setuptools is not installed here: the wheel was not built")
    if not (ROOT / ".git").exists():
        pytest.skip("this is no checkout of git: the wheel was not built")
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    listed = run("git", "ls-files", "-z", "--", "bot", "cogs", "pyproject.toml", "README.md", "LICENSE", cwd=ROOT)
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).exists():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    options = ("--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check")
    run(sys.executable, "-m", "pip", "wheel", *options, "--wheel-dir", target, source, cwd=target)
    [made] = target.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the wheel was installed into, without what it needs: that is in this environment."""
    folder = tmp_path_factory.mktemp("installed")
    options = ("--quiet", "--no-deps", "--no-index", "--disable-pip-version-check")
    run(sys.executable, "-m", "pip", "install", *options, "--target", folder, wheel, cwd=folder)
    return folder


def test_the_wheel_has_all_modules_migrations_catalogues_and_pages_of_the_sandbox(wheel: Path) -> None:
    assert wheel.name == f"riverpost-{__version__}-py3-none-any.whl"
    there = set(zipfile.ZipFile(wheel).namelist())
    needed = run("git", "ls-files", "-z", "--", "bot", "cogs", cwd=ROOT).split("\0")
    files = {name for name in needed if name and not name.endswith(".md") and (ROOT / name).exists()}
    assert files - there == set()
    assert {name.split("/")[0] for name in there} == {"bot", "cogs", f"riverpost-{__version__}.dist-info"}


def test_the_installed_command_runs_outside_of_the_checkout(installed: Path, tmp_path: Path) -> None:
    command = installed / "bin" / "riverpost"
    more = {"PYTHONPATH": str(installed), "RIVERPOST__STORE__URL": f"sqlite:///{tmp_path}/data/a.db"}
    assert __version__ in run(command, "--version", cwd=tmp_path, **more)
    run(command, "migrate", cwd=tmp_path, **more)
    assert (tmp_path / "data" / "a.db").exists()
    where = run(sys.executable, "-c", "import bot, cogs; print(bot.__file__, cogs.__file__)", cwd=tmp_path, **more)
    assert where.count(str(installed)) == 2
