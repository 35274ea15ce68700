"""What people read, in their language: gettext catalogues in `bot/locale`, one file a language.

A text is written in English where it is needed, as `_("No topic is called {name}.").format(name=…)`: whole sentences,
values by name, so that another language can put them elsewhere. The language is that of the reader; it belongs to the
running task, as a context variable, and is English where nobody set it. A text or language without a translation
stays English.
"""

import contextlib
import functools
import gettext
import io
from collections.abc import Iterator
from contextvars import ContextVar
from pathlib import Path

from babel.messages import mofile, pofile

FOLDER = Path(__file__).parent / "locale"
ENGLISH = "en"

_language: ContextVar[str] = ContextVar("language", default=ENGLISH)


def _(text: str) -> str:
    """The text in the reader's language."""
    return catalogue(_language.get()).gettext(text)


def many(one: str, other: str, count: int) -> str:
    """The form that the count asks for, with the count put in for {n}, its thousands parted by commas."""
    return catalogue(_language.get()).ngettext(one, other, count).replace("{n}", f"{count:,}")


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for it
    """Mark a text for the catalogues that is translated where it is shown: `_(stored)`."""
    return text


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


@functools.cache
def catalogue(language: str) -> gettext.NullTranslations:
    """The catalogue of a language, of its main part ("pt" for "pt-BR") where it has none of its own, else English."""
    for name in (language, language.split("-", maxsplit=1)[0]):
        source = FOLDER / f"{name}.po"
        if name.replace("-", "").isalnum() and source.is_file():
            return _compiled(source)
    return gettext.NullTranslations()


def _compiled(source: Path) -> gettext.GNUTranslations:
    with source.open("rb") as file:
        read = pofile.read_po(file, locale=source.stem.replace("-", "_"))
    binary = io.BytesIO()
    mofile.write_mo(binary, read)
    binary.seek(0)
    return gettext.GNUTranslations(binary)
