"""The catalogues of `bot/locale` and the texts of the program: what is missing, wrong or not used any more.

python -m scripts.catalogues missing de > de.todo.po   what has no German yet, to be filled in
python -m scripts.catalogues merge de de.todo.po       put what was filled in into de.po
python -m scripts.catalogues renew                     drop what is not used, sort, note where texts stand
python -m scripts.catalogues check                     all catalogues; exit code 1 where something is wrong
"""

import ast
import io
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po
from discord import app_commands

from bot.gateway.client import RiverpostBot
from bot.gateway.command_translation import NAMES
from bot.i18n import translation
from cogs.help.catalogue import Leaf, leaves
from scripts import offline

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("bot", "cogs")
MARKS = {"_": 1, "N_": 1, "many": 2}
"""The functions that mark texts, and how many of their first arguments are texts."""
PLURALS = {"de": "nplurals=2; plural=(n != 1);"}
PLACE = re.compile(r"\{(\w*)\}")
NAME = re.compile(r"[-_'\w]{1,32}")
LONGEST_DESCRIPTION = 100

Key = tuple[str | None, str]


@dataclass
class Text:
    """One text of the program."""

    context: str | None
    one: str
    other: str | None = None
    places: set[str] = field(default_factory=set)
    """The files it stands in."""
    is_description: bool = False

    @property
    def key(self) -> Key:
        return self.context, self.one


def texts() -> dict[Key, Text]:
    """Every text of the program: of the sources, and of the commands as Discord gets them."""
    found: dict[Key, Text] = {}

    def put(context: str | None, one: str, other: str | None, place: str, *, is_description: bool = False) -> None:
        text = found.setdefault((context, one), Text(context, one))
        text.other = text.other or other
        text.places.add(place)
        text.is_description = text.is_description or is_description

    for folder in FOLDERS:
        for source in sorted((ROOT / folder).rglob("*.py")):
            for one, other in marked(source.read_text(encoding="utf-8")):
                put(None, one, other, source.relative_to(ROOT).as_posix())
    for context, text, place, is_description in offline.run(_of_commands):
        put(context, text, None, place, is_description=is_description)
    return found


def marked(source: str) -> Iterator[tuple[str, str | None]]:
    """The texts that a module marks, with their plurals. Babel's own reading overlooks what stands in an f-string.

    Raises:
        SyntaxError: what is marked is put together, so that no catalogue can have it.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS:
            given = node.args[: MARKS[node.func.id]]
            if any(isinstance(each, ast.JoinedStr | ast.BinOp) for each in given):
                raise SyntaxError(f"{ast.unparse(node)}: a text for translation is one plain string")
            texts = [each.value for each in given if isinstance(each, ast.Constant) and isinstance(each.value, str)]
            if texts:
                yield texts[0], texts[1] if len(texts) > 1 else None


class _Recorder(app_commands.Translator):
    """Writes down what a translator is asked for."""

    def __init__(self) -> None:
        self.seen: set[tuple[str | None, str, bool]] = set()

    async def translate(self, string: app_commands.locale_str, locale: Any, context: Any) -> None:  # noqa: ARG002
        typed = not isinstance(context.data, app_commands.ContextMenu)
        is_description = context.location.name.endswith("description")
        self.seen.add((NAMES.get(context.location) if typed else None, string.message, is_description))


async def _of_commands(bot: RiverpostBot) -> list[tuple[str | None, str, str, bool]]:
    found = []
    for command in offline.top_level(bot):
        recorder = _Recorder()
        await command.get_translated_payload(bot.tree, recorder)
        place = command.module or next((each.module for each in leaves(command) if each.module), "commands")
        found += [(context, text, place.replace(".", "/") + ".py", long) for context, text, long in recorder.seen]
    # Discord wants a description of every option, and discord.py puts a sign where there is none.
    return [each for each in found if each[1] != "…"]


def read(source: Path) -> Catalog:
    with source.open("rb") as file:
        return read_po(file, locale=source.stem.replace("-", "_"))


def catalogues() -> list[Path]:
    return sorted(translation.FOLDER.glob("*.po"))


def _translations(catalogue: Catalog) -> dict[Key, Message]:
    found = {}
    for message in catalogue:
        if message.id:
            one = message.id[0] if isinstance(message.id, tuple | list) else message.id
            found[message.context, str(one)] = message
    return found


def _strings(message: Message) -> list[str]:
    return [*message.string] if isinstance(message.string, tuple | list) else [str(message.string or "")]


def missing(known: dict[Key, Text], catalogue: Catalog) -> list[Text]:
    """The texts that a catalogue lacks."""
    has = _translations(catalogue)
    return [
        text
        for key, text in sorted(known.items(), key=lambda item: (sorted(item[1].places), item[0][0] or "", item[0][1]))
        if key not in has or has[key].fuzzy or not all(_strings(has[key])) or _is_other(text, has[key])
    ]


def _is_other(text: Text, message: Message) -> bool:
    plural = message.id[1] if isinstance(message.id, tuple | list) else None
    return text.other != plural


def problems(known: dict[Key, Text], catalogue: Catalog) -> Iterator[str]:
    """What is wrong with a catalogue, a sentence each."""
    has = _translations(catalogue)
    for text in missing(known, catalogue):
        yield f"has no translation: {text.one!r} ({', '.join(sorted(text.places))})"
    for key in has.keys() - known.keys():
        yield f"is not used any more: {key[1]!r}"
    paths = _paths(has)
    for key in sorted(has.keys() & known.keys(), key=str):
        yield from _wrong(known[key], has[key], paths)


def _wrong(text: Text, message: Message, paths: dict[str, str]) -> Iterator[str]:
    strings = _strings(message)
    if not all(strings):
        return
    wanted = _places(text.other or text.one)
    allowed = wanted | _places(text.one)
    if not all(_places(each) <= allowed for each in strings) or _places(strings[-1]) != wanted:
        yield f"has other values in braces: {text.one!r} -> {strings!r}"
    if text.context in {translation.COMMAND, translation.OPTION} and not _is_name(strings[0]):
        yield f"is no name that Discord takes: {text.one!r} -> {strings[0]!r}"
    if text.is_description and len(strings[0]) > LONGEST_DESCRIPTION:
        yield f"is longer than {LONGEST_DESCRIPTION} characters: {strings[0]!r}"
    named = _commands_in(text.one, paths)
    if not all(re.search(rf"/{re.escape(paths[path])}(?!\w)", each) for path in named for each in strings):
        yield f"names commands in another way: {text.one!r} -> {strings!r}, expected {[paths[path] for path in named]}"


def _places(text: str) -> set[str]:
    return set(PLACE.findall(text))


def _is_name(name: str) -> bool:
    return NAME.fullmatch(name) is not None and name == name.lower()


def _paths(has: dict[Key, Message]) -> dict[str, str]:
    """All paths of commands in English, and in the catalogue's language; the longest first."""
    named = {one: _strings(message)[0] for (context, one), message in has.items() if context == translation.COMMAND}
    paths = [leaf.qualified_name for leaf in offline.run(_all_leaves)]
    paths = sorted({*paths, *(path.split()[0] for path in paths)}, key=len, reverse=True)
    return {path: " ".join(named.get(part) or part for part in path.split()) for path in paths}


def _all_leaves(bot: RiverpostBot) -> list[Leaf]:
    return [leaf for command in offline.top_level(bot) for leaf in leaves(command)]


def _commands_in(text: str, paths: dict[str, str]) -> list[str]:
    """The commands that a text names: the longest that fits at each slash."""
    found = []
    for start in (match.end() for match in re.finditer(r"(?<![\w/<:.])/(?=\w)", text)):
        path = next((path for path in paths if re.match(rf"{re.escape(path)}(?![\w-])", text[start:])), None)
        if path is not None:
            found.append(path)
    return found


def _new(language: str) -> Catalog:
    return Catalog(locale=language.replace("-", "_"))


def _write(catalogue: Catalog, language: str) -> str:
    """Sorted, with a head that only changes when the language does."""
    plural = PLURALS.get(language) or f"nplurals={catalogue.num_plurals}; plural={catalogue.plural_expr};"
    head = (
        'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
        f'"Language: {language}\\n"\n"Plural-Forms: {plural}\\n"\n\n'
    )
    out = io.BytesIO()
    write_po(out, catalogue, width=0, omit_header=True, sort_output=True, ignore_obsolete=True, include_lineno=False)
    return head + out.getvalue().decode("utf-8")


def _add(catalogue: Catalog, text: Text, strings: Sequence[str]) -> None:
    identity: Any = (text.one, text.other) if text.other is not None else text.one
    string: Any = tuple(strings) if text.other is not None else strings[0]
    catalogue.add(identity, string, locations=[(place, 0) for place in sorted(text.places)], context=text.context)


def fragment(language: str, known: dict[Key, Text], catalogue: Catalog) -> str:
    """What is missing, with empty places for it."""
    todo = _new(language)
    for text in missing(known, catalogue):
        _add(todo, text, [""] * (todo.num_plurals if text.other is not None else 1))
    return _write(todo, language)


def merged(language: str, known: dict[Key, Text], *sources: Catalog) -> str:
    """One catalogue of what these have, the later before the earlier; without what is not used or not filled in."""
    has: dict[Key, Message] = {}
    for source in sources:
        has |= {key: message for key, message in _translations(source).items() if all(_strings(message))}
    made = _new(language)
    for key, text in known.items():
        if key in has and not has[key].fuzzy and not _is_other(text, has[key]):
            _add(made, text, _strings(has[key]))
    return _write(made, language)


def main(arguments: Sequence[str]) -> int:
    match arguments:
        case ["missing", language]:
            source = translation.FOLDER / f"{language}.po"
            print(fragment(language, texts(), read(source) if source.exists() else _new(language)), end="")
        case ["merge", language, name]:
            source = translation.FOLDER / f"{language}.po"
            before = read(source) if source.exists() else _new(language)
            with sys.stdin.buffer if name == "-" else Path(name).open("rb") as file:
                added = read_po(file, locale=language.replace("-", "_"))
            source.write_text(merged(language, texts(), before, added), encoding="utf-8")
            return _report()
        case ["renew"]:
            known = texts()
            for source in catalogues():
                source.write_text(merged(source.stem, known, read(source)), encoding="utf-8")
        case ["check"]:
            return _report()
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


def _report() -> int:
    known, wrong = texts(), 0
    for source in catalogues():
        for problem in problems(known, read(source)):
            wrong += 1
            print(f"{source.name}: {problem}")
    print(f"{len(known)} texts, {wrong} problems", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
