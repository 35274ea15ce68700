"""Every reply's text in files that people read: `tests/cogs/replies/AREA.md`, a section a reply.

`RIVERPOST_GOLDEN=write scripts/test tests/cogs` writes what is said now; read the difference before it is kept.
"""

import os
import re
from pathlib import Path

FOLDER = Path(__file__).parent / "replies"
SECTION = re.compile(r"^## (?P<name>.+?)\n\n```text\n(?P<text>.*?)\n```\n", re.MULTILINE | re.DOTALL)
MOMENT = re.compile(r"<t:-?\d+(?::\w)?>")
NUMBER = re.compile(r"<(#|@&?)\d+>")


def check(area: str, name: str, text: str) -> None:
    """Hold a reply against its section; Discord's time stamps count as <time>, and the numbers of channels, people and roles do not count."""
    path = FOLDER / f"{area}.md"
    sections = dict(SECTION.findall(path.read_text(encoding="utf-8"))) if path.exists() else {}
    said = (
        NUMBER.sub(r"<\1…>", MOMENT.sub("<time>", text)).strip().replace("```", "~~~")
    )  # a block in the reply would end the section
    if os.environ.get("RIVERPOST_GOLDEN") == "write":
        sections[name] = said
        path.parent.mkdir(exist_ok=True)
        whole = "\n".join(f"## {key}\n\n```text\n{value}\n```\n" for key, value in sorted(sections.items()))
        path.write_text(whole, encoding="utf-8")
    assert name in sections, f"{path.name} has no section “{name}”; see {Path(__file__).name} for how it is written"
    assert said == sections[name]
