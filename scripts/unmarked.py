"""Texts that people see and that nobody marked for translation: `python -m scripts.unmarked`; exit code 1 if any.

It knows the calls that show something, so it overlooks a text that was put into a variable before.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = (
    "bot/services",
    "bot/messages",
    "bot/excerpts",
    "bot/filters",
    "bot/posting",
    "bot/permissions",
    "bot/feeds",
    "cogs",
)
SHOWN: dict[str, tuple[str, ...]] = {
    "UserError": (),
    "say": ("text",),
    "Embed": ("title", "description"),
    "add_field": ("name", "value"),
    "set_footer": ("text",),
    "set_author": (),
    "Button": ("label",),
    "button": ("label", "placeholder"),
    "Select": ("placeholder",),
    "select": ("placeholder",),
    "ChannelSelect": ("placeholder",),
    "RoleSelect": ("placeholder",),
    "SelectOption": ("label", "description"),
    "TextInput": ("label", "placeholder"),
    "Label": ("text", "description"),
    "TextDisplay": ("content",),
    "send_message": ("content",),
    "edit_message": ("content",),
    "edit_original_response": ("content",),
}
"""What shows texts, and in which arguments; also in its first positional ones where they are texts."""
POSITIONAL = frozenset({"UserError", "say", "TextDisplay", "send_message"})
WORD = re.compile(r"[A-Za-z]{3,}")
NOT_WORDS = re.compile(r"`[^`]*`|https?://\S+|<[^>]*>|:\w+:")


def unmarked(source: str) -> Iterator[tuple[int, str]]:
    """The line and the source of each text that is shown as it is written."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name not in SHOWN:
            continue
        given = [each.value for each in node.keywords if each.arg in SHOWN[name]]
        given += node.args if name in POSITIONAL else []
        yield from ((text.lineno, ast.unparse(text)) for each in given for text in _texts(each) if _says(text))


def _texts(node: ast.expr) -> Iterator[ast.expr]:
    """The plain and the f-strings of an expression, but for those inside calls and what chooses between them."""
    match node:
        case ast.Constant() | ast.JoinedStr():
            yield node
        case ast.IfExp():
            yield from (*_texts(node.body), *_texts(node.orelse))
        case ast.BinOp():
            yield from (*_texts(node.left), *_texts(node.right))
        case ast.BoolOp():
            yield from (text for each in node.values for text in _texts(each))
        case _:
            return


def _says(node: ast.expr) -> bool:
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    said = " ".join(str(each.value) for each in parts if isinstance(each, ast.Constant) and isinstance(each.value, str))
    return WORD.search(NOT_WORDS.sub(" ", said)) is not None


def everywhere() -> list[str]:
    """All of the project's, a line each."""
    return [
        f"{source.relative_to(ROOT).as_posix()}:{line}: {text}"
        for folder in FOLDERS
        for source in sorted((ROOT / folder).rglob("*.py"))
        for line, text in unmarked(source.read_text(encoding="utf-8"))
    ]


if __name__ == "__main__":
    found = everywhere()
    print("\n".join([*found, f"{len(found)} texts are not marked"]))
    sys.exit(1 if found else 0)
