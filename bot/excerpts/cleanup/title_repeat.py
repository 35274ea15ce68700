"""Does not say an article's title twice: as its first line, at the beginning of that, or cut and then whole."""

import re
from dataclasses import replace

from bot.excerpts.html_tree import Atom, Line

_PARTS = re.compile(r"\s+[|–—·»«~/-]\s+|\s*[|»]\s*|:\s+")  # noqa: RUF001 - dashes are meant
_CUT = re.compile(r"\s*(?:…|\.{3,}|\[…\])$")
_MIN_PART = 10
_MIN_SENTENCE = 3
_MAX_LINES = 4
_MAX_HALF_WORD = 15
_MAX_SITE = 40
_BEFORE_MORE = ".!?:…。！？：—–-"  # noqa: RUF001 - East Asian punctuation and dashes are meant


def key(text: str) -> str:
    """What remains of a text whatever its punctuation, blanks and capitals."""
    return "".join(character for character in text.casefold() if character.isalnum())


def without_title(lines: list[Line], title: str) -> list[Line]:
    """The lines without what the title already says. Where it was cut, they go on from there."""
    wanted = key(title)
    if not lines or not wanted or lines[0].is_code:
        return lines
    if _is_title(lines[0].plain, title):
        # Some say it as the name of the page and once more as a heading.
        return lines[2:] if len(lines) > 1 and key(lines[1].plain) == wanted else lines[1:]
    said_twice = _CUT.search(title) or len(title.split()) >= _MIN_SENTENCE or len(wanted) >= 2 * _MIN_PART
    return _going_on(lines, title) if said_twice else lines


def _is_title(line: str, title: str) -> bool:
    said, wanted = key(line), key(title)
    if said == wanted:
        return True
    if len(line) > len(title) + 80:
        return False
    # "Title | Site" above "Title", or the other way round.
    if len(said) >= _MIN_PART and said in map(key, _PARTS.split(title)):
        return True
    first, *rest = _PARTS.split(line)
    site = " ".join(rest)
    return (
        len(wanted) >= _MIN_PART
        and key(first) == wanted
        and len(site) <= _MAX_SITE
        and not site.rstrip().endswith((".", "!", "?", "…"))
    )


def _going_on(lines: list[Line], title: str) -> list[Line]:
    """For a text that begins with the title: what comes after it, if the title is cut or ends a sentence or line."""
    is_cut = _CUT.search(title) is not None
    wanted = key(_CUT.sub("", title))
    said, links = "", []
    for number, line in enumerate(lines[:_MAX_LINES]):
        for count, atom in enumerate(line.atoms):
            is_over = said == wanted or atom.block or not wanted.startswith(said + key(atom.plain))
            if not is_over:
                said += key(atom.plain)
                links += [atom] if atom.href is not None else []
                continue
            missing = len(wanted) - len(said)
            if missing > (_MAX_HALF_WORD if is_cut else 0) or len(said) < _MIN_PART:
                return lines
            if not is_cut and not (count == 0 or _is_sentence(line.atoms[count - 1], atom)):
                return lines
            rest = line.atoms[count:]
            if not is_cut and not key(atom.plain) and not atom.block:
                rest = rest[1:]  # the dash or colon after the title
            return [*_begun(line, links, rest, in_sentence=is_cut and count > 0), *lines[number + 1 :]]
    return [] if said == wanted and not links and len(lines) <= _MAX_LINES else lines


def _is_sentence(last: Atom, following: Atom) -> bool:
    return last.plain[-1] in _BEFORE_MORE or (following.plain[0] in _BEFORE_MORE and not key(following.plain))


def _begun(line: Line, links: list[Atom], rest: list[Atom], *, in_sentence: bool) -> list[Line]:
    """The line without its beginning, the links of which stay."""
    atoms = [replace(link, marks=(), space=True) for link in links]
    if in_sentence or links:
        atoms.append(Atom("…", "…", space=bool(links)))
        rest = [replace(rest[0], space=bool(links)), *rest[1:]] if rest else []
    atoms += rest
    if not rest:
        return []
    return [replace(line, atoms=[replace(atoms[0], space=False), *atoms[1:]])]
