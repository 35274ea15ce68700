"""What people read, in their language: gettext catalogues in `bot/locale`, one file a language.

A text is written in English where it is needed, as `_("No topic is called {name}.").format(name=…)`: whole sentences,
values by name, so that another language can put them elsewhere. The language is that of the reader, or of the server
where it stands in a channel; it belongs to the running task, as a context variable, and is English where nobody set
it. A text or language without a translation stays English.
"""

import contextlib
import functools
import gettext
import io
import re
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from babel import Locale

# Babel is imported where it is used: the processes that read feeds mark texts too, and want to start soon and small.
# ruff: noqa: PLC0415

FOLDER = Path(__file__).parents[1] / "locale"
ENGLISH = "en"
COMMAND, OPTION = "command", "option"
"""The contexts of names that are typed: Discord has rules of its own for them."""
_PLACE = re.compile(r"\{(\w+)\}")
_ENOUGH_LETTERS = 8
"""Of a text with values in it, to be recognised by them."""

_language: ContextVar[str] = ContextVar("language", default=ENGLISH)


def _(text: str) -> str:
    """The text in the reader's language."""
    return catalogue(_language.get()).gettext(text)


def many(one: str, other: str, count: int) -> str:
    """The form that the count asks for, with the count put in for {n}, written as the language writes numbers."""
    return catalogue(_language.get()).ngettext(one, other, count).replace("{n}", number(count))


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for it
    """Mark a text for the catalogues that is translated where it is shown: `_(stored)`, or `retold` with values in it."""
    return text


def number(count: int) -> str:
    """A whole number with its thousands parted as the language does: 1,234 or 1.234."""
    written = _locale(_language.get())
    if written is None:
        return f"{count:,}"
    from babel.numbers import format_decimal

    return format_decimal(count, locale=written)


def retold(stored: str) -> str:
    """A text that was stored in English, in the reader's language; as it is where no catalogue has it.

    It may have been made from a text with values in it, which stay as they are unless they are texts themselves.
    """
    if not stored:
        return ""  # to gettext that is a catalogue's head
    language = _language.get()
    known = catalogue(language)
    told = known.gettext(stored)
    if told != stored:
        return told
    for pattern, template in _templates(language):
        if match := pattern.fullmatch(stored):
            values = {
                name: ", ".join(map(known.gettext, value.split(", "))) for name, value in match.groupdict().items()
            }
            return known.gettext(template).format(**values)
    return stored


@contextlib.contextmanager
def speaking(language: str | None) -> Iterator[None]:
    """In this language (as Discord names it, "de" or "pt-BR") until the end of the block."""
    token = _language.set(language or ENGLISH)
    try:
        yield
    finally:
        _language.reset(token)


def speak(language: str | None) -> None:
    """In this language from here on, in this task."""
    _language.set(language or ENGLISH)


def spoken() -> str:
    """The language of the running task, by its main part: "de" or "pt"."""
    return _language.get().split("-", maxsplit=1)[0]


@functools.cache
def languages() -> dict[str, str]:
    """The languages that are spoken, by Discord's names for them, each as it calls itself."""
    found = {ENGLISH, *(source.stem for source in FOLDER.glob("*.po"))}
    return {name: _own_name(name) for name in sorted(found)}


def name_of(language: str | None) -> str:
    """The name, in the reader's language, of the language that is spoken for this one."""
    from babel import Locale, UnknownLocaleError

    wanted = language or ENGLISH
    spoken = next((each for each in (wanted, wanted.split("-", maxsplit=1)[0]) if each in languages()), ENGLISH)
    try:
        return Locale.parse(spoken, sep="-").get_display_name(_locale(_language.get()) or ENGLISH) or spoken
    except (UnknownLocaleError, ValueError):
        return spoken


def prepare(wanted: Iterable[str]) -> None:
    """Read the catalogues of these languages, so that none is read from the disk while the bot works."""
    languages()
    for language in wanted:
        catalogue(language)
        _templates(language)
        if _locale(language) is not None:
            with speaking(language):
                number(1)


@functools.cache
def catalogue(language: str) -> gettext.NullTranslations:
    """The catalogue of a language, of its main part ("pt" for "pt-BR") where it has none of its own, else English."""
    main = language.split("-", maxsplit=1)[0]
    for name in (language, main):
        source = FOLDER / f"{name}.po"
        if main != ENGLISH and name.replace("-", "").isalnum() and source.is_file():
            return _compiled(source)
    return gettext.NullTranslations()


def named(context: str, text: str, language: str) -> str | None:
    """The name of a command or an option in a language; None where it has none of its own."""
    told = catalogue(language).pgettext(context, text)
    return None if told == text else told


def typed(command: str) -> str:
    """A command's name, "topic list", as it is typed in the reader's language."""
    language = _language.get()
    return " ".join(named(COMMAND, part, language) or part for part in command.split())


def _compiled(source: Path) -> gettext.GNUTranslations:
    from babel.messages import mofile, pofile

    with source.open("rb") as file:
        read = pofile.read_po(file, locale=source.stem.replace("-", "_"))
    binary = io.BytesIO()
    mofile.write_mo(binary, read)
    binary.seek(0)
    return gettext.GNUTranslations(binary)


@functools.cache
def _templates(language: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """The texts with values in them, and what recognises them; those that say more first."""
    known: dict[object, str] = getattr(catalogue(language), "_catalog", {})
    texts = [text for text in known if isinstance(text, str) and _PLACE.search(text) and "\x04" not in text]
    texts = [text for text in texts if _letters(text) >= _ENOUGH_LETTERS]
    return tuple((_pattern(text), text) for text in sorted(texts, key=_letters, reverse=True))


def _letters(template: str) -> int:
    return len(_PLACE.sub("", template))


def _pattern(template: str) -> re.Pattern[str]:
    said, written = set[str](), ""
    for index, part in enumerate(_PLACE.split(template)):
        if index % 2 == 0:
            written += re.escape(part)
        else:
            written += f"(?P={part})" if part in said else f"(?P<{part}>.+?)"
            said.add(part)
    return re.compile(written, re.DOTALL)


@functools.cache
def _locale(language: str) -> "Locale | None":
    """What Babel knows of a language that is spoken here; None for English and all others."""
    if not isinstance(catalogue(language), gettext.GNUTranslations):
        return None
    from babel import Locale, UnknownLocaleError

    with contextlib.suppress(UnknownLocaleError, ValueError):
        return Locale.parse(language, sep="-")
    return None


def _own_name(language: str) -> str:
    from babel import Locale, UnknownLocaleError

    try:
        shown = Locale.parse(language, sep="-").get_display_name() or language
    except (UnknownLocaleError, ValueError):
        return language
    return shown[:1].upper() + shown[1:]
