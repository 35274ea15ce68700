"""Find names with words that this project left behind; pyproject.toml lists them with what is said instead.

    python -m scripts.names      exit code 1 if there are any

Looked at are the names of packages, modules, classes, functions, methods and constants in bot/ and cogs/.
"""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOPS = ("bot", "cogs")
WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def banned() -> tuple[Mapping[str, str], Mapping[str, str]]:
    """What no name may have, and what no package or module may; each with what is said instead."""
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["riverpost"]["banned-words"]
    return listed["names"], listed["names"] | listed["modules"]


def problems(root: Path = ROOT) -> list[str]:
    """One line for each name with a banned word: where it stands, the word, and what to say instead."""
    names, modules = banned()
    found = []
    for top in TOPS:
        for path in sorted((root / top).rglob("*.py")):
            place = path.relative_to(root).as_posix()
            if "versions" in path.parts:
                continue  # a migration keeps the name that it was applied under
            own = path.parent.name if path.stem == "__init__" else path.stem
            found += [f"{place}: {each}" for each in _bad(own, modules)]
            for line, name in _defined(ast.parse(path.read_text(encoding="utf-8"))):
                found += [f"{place}:{line}: {each}" for each in _bad(name, names)]
    return found


def _bad(name: str, words: Mapping[str, str]) -> Iterator[str]:
    for word in WORD.findall(name):
        if (instead := words.get(word.lower())) is not None:
            yield f'"{name}" has the word "{word.lower()}": {instead}'


def _defined(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.lineno, node.name
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        yield from ((node.lineno, each.id) for each in targets if isinstance(each, ast.Name))


def main() -> int:
    found = problems()
    print("\n".join(found) if found else "no banned word in a name")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
