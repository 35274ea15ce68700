"""What publishing software adds to an article and no reader wants: found by its words, taken off the lines."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import replace

from bot.excerpts.cleanup import boilerplate_patterns, sentences, title_repeat
from bot.excerpts.html_tree import Atom, Kind, Line

_MAX_ASIDE = 320
_TAIL = 700
_MAX_CREDIT = 500
_SHORT = 50
_MIN_RUN = 5
_SEPARATORS = re.compile(r"[\s|·•,/:&()\[\]–—-]+")  # noqa: RUF001 - dashes are meant
_ASIDES = (
    boilerplate_patterns.ASKS,
    boilerplate_patterns.SPONSOR,
    boilerplate_patterns.PODCAST,
    boilerplate_patterns.META,
    boilerplate_patterns.HASHTAGS,
)


def strip(lines: Iterable[Line], title: str) -> tuple[list[Line], bool]:
    """The lines worth reading, and whether the feed itself had cut the text ("[…]")."""
    kept: list[Line] = []
    was_cut = False
    for line in lines:
        points_on = _take_tail(line) if not line.is_code else False
        worth = line.is_code or _is_worth_reading(line)
        # What follows "Read more" was not cut off before it.
        was_cut = points_on or (was_cut and not worth) or (not worth and _points_on(line))
        if worth:
            kept.append(line)
    kept = _without_asides(kept)
    kept = title_repeat.without_title(_without_leading_captions(kept), title)
    kept = _without_credits(_without_leading_captions(kept), title)
    if kept and not kept[-1].atoms[-1].block:
        kept[-1], has_mark = _without_cut_mark(kept[-1])
        was_cut = was_cut or has_mark
    kept = [line for line in kept if line.atoms]
    while kept and kept[-1].kind is Kind.HEADING and len(kept) > 1:
        kept.pop()
    return _joined(_closer(kept)), was_cut


# --- a line by itself ------------------------------------------------------------------------------------


def _is_worth_reading(line: Line) -> bool:
    """Whatever else the document says."""
    plain = line.plain
    if not any(character.isalnum() or unicodedata.category(character) == "So" for character in plain):
        return False  # neither words nor pictures, only signs
    return not (
        _points_on(line)
        or boilerplate_patterns.COMMENTS.match(plain)
        or boilerplate_patterns.HACKER_NEWS.match(plain)
        or boilerplate_patterns.REDDIT.match(plain)
        or boilerplate_patterns.MEDIUM.match(plain)
        or (line.kind is not Kind.HEADING and (boilerplate_patterns.SHARE_LABELS.match(plain) or _is_share_bar(plain)))
    )


def _points_on(line: Line) -> bool:
    """Whether the line says that there is more to read."""
    return bool(
        boilerplate_patterns.MORE_LINE.match(line.plain)
        or (_is_link(line) and boilerplate_patterns.MORE_LINK.match(line.plain))
    )


def _is_link(line: Line) -> bool:
    """Whether the line is one link and nothing else to read."""
    linked = [atom for atom in line.atoms if atom.href is not None]
    return len(linked) == 1 and not any(title_repeat.key(atom.plain) for atom in line.atoms if atom.href is None)


def _is_share_bar(plain: str) -> bool:
    if len(plain) > _MAX_ASIDE or not boilerplate_patterns.SHARE_HINT.search(plain):
        return False
    return all(word.casefold() in boilerplate_patterns.SHARE_WORDS for word in _SEPARATORS.split(plain) if word)


def _take_tail(line: Line) -> bool:
    """Take "The post … appeared first on …", "Read more" links and empty table cells off the line's end.

    Returns whether one of them said that there is more.
    """
    credit = _credit(line.plain)
    if credit is not None:
        _keep_characters(line, credit)
    points_on = False
    while line.atoms and _is_tail(line.atoms):
        last = line.atoms.pop()
        points_on = points_on or (last.href is not None and not boilerplate_patterns.COMMENTS.match(last.plain))
    while line.atoms and line.atoms[0].text == "·":
        line.atoms.pop(0)
    return points_on


def _credit(plain: str) -> int | None:
    """Where in the line "The post … appeared first on …" begins, with which it ends."""
    # The last place where it could begin: text before it may speak of "The post" too.
    for start in reversed(list(boilerplate_patterns.CREDIT_START.finditer(plain, max(0, len(plain) - _TAIL)))):
        if boilerplate_patterns.CREDIT_END.match(plain, start.end()):
            return start.start()
    return None


def _is_tail(atoms: list[Atom]) -> bool:
    last = atoms[-1]
    if last.text in {"·", "|", "\\|"}:
        return True
    if last.href is None:
        return False
    after_sentence = len(atoms) == 1 or sentences.ends(atoms[-2].plain, None) or not title_repeat.key(atoms[-2].plain)
    if boilerplate_patterns.MORE_LINK.match(last.plain):
        return after_sentence or last.plain.lstrip("[(")[0].isupper()
    return after_sentence and bool(
        boilerplate_patterns.SHORT_MORE_LINK.match(last.plain) or boilerplate_patterns.COMMENTS.match(last.plain)
    )


def _keep_characters(line: Line, count: int) -> None:
    """Drop the atoms that begin at or after `count` characters of the line's plain text."""
    position = 0
    for index, atom in enumerate(line.atoms):
        if position + (1 if atom.space else 0) >= count:
            del line.atoms[index:]
            return
        position += (1 if atom.space else 0) + len(atom.plain)


# --- lines among others ----------------------------------------------------------------------------------


def _without_asides(lines: list[Line]) -> list[Line]:
    """Without chapters, walls of addresses and what the site says about itself, unless that is all there is."""
    chapters = _in_runs(lines, boilerplate_patterns.CHAPTER, {Kind.TEXT, Kind.ITEM})
    if chapters and not boilerplate_patterns.FIRST_CHAPTER.match(lines[min(chapters)].plain):
        chapters = set()
    dropped = chapters | _in_runs(lines, boilerplate_patterns.LABELLED_ADDRESS, {Kind.TEXT})
    walls = set(dropped)
    dropped |= {index for index, line in enumerate(lines) if _is_aside(line, first=index == 0)}
    for index in range(len(lines) - 2, -1, -1):
        if index not in dropped and index + 1 in dropped and _announces(lines[index], wall=index + 1 in walls):
            following = next((other for other in range(index + 1, len(lines)) if other not in dropped), None)
            if index + 1 in walls or following is None or lines[following].kind is Kind.HEADING:
                dropped.add(index)
    kept = [line for index, line in enumerate(lines) if index not in dropped]
    return kept if any(line.kind is not Kind.HEADING for line in kept) else lines


def _in_runs(lines: list[Line], pattern: re.Pattern[str], kinds: set[Kind]) -> set[int]:
    """The lines that match and have a neighbour that does: one such line may be the point of the text."""
    found = {index for index, line in enumerate(lines) if line.kind in kinds and _matches(pattern, line)}
    return {index for index in found if index - 1 in found or index + 1 in found}


def _matches(pattern: re.Pattern[str], line: Line) -> bool:
    if line.is_code or any(atom.href is not None and "://" not in atom.plain for atom in line.atoms):
        return False
    plain = line.plain
    return len(plain) <= _MAX_ASIDE and bool(pattern.match(plain))


def _is_aside(line: Line, *, first: bool) -> bool:
    plain = line.plain
    if line.is_code or len(plain) > _MAX_ASIDE or line.kind in {Kind.ITEM, Kind.ROW}:
        return False
    if line.kind is Kind.HEADING:
        return bool(boilerplate_patterns.META.match(plain))
    return any(pattern.match(plain) for pattern in _ASIDES) or (
        first and bool(boilerplate_patterns.BYLINE.match(plain))
    )


def _announces(line: Line, *, wall: bool) -> bool:
    plain = line.plain
    return line.kind is Kind.HEADING or (
        wall and (plain.endswith(":") or bool(boilerplate_patterns.CHAPTER_HEAD.match(plain)))
    )


def _without_leading_captions(lines: list[Line]) -> list[Line]:
    """The first picture is shown, and what is under it makes no beginning."""
    first = next((index for index, line in enumerate(lines) if line.kind is not Kind.CAPTION), None)
    return lines[first:] if first else lines


def _without_credits(lines: list[Line], title: str) -> list[Line]:
    """Without closing lines such as "TITLE was written by NAME at SITE" and "Originally published on SITE"."""
    while len(lines) > 1:
        last = lines[-1]
        plain = last.plain
        linked = any(atom.href for atom in last.atoms)
        named = bool(title_repeat.key(title)) and title_repeat.key(title) in title_repeat.key(plain)
        is_credit = boilerplate_patterns.CREDIT.search(plain) or boilerplate_patterns.ORIGINAL.match(plain)
        if len(plain) > _MAX_CREDIT or not (linked or named) or not is_credit:
            break
        lines = lines[:-1]
    return lines


def _without_cut_mark(line: Line) -> tuple[Line, bool]:
    mark = boilerplate_patterns.CUT_MARK.search(line.plain[-40:])
    if mark is None:
        return line, False
    end = max(0, len(line.plain) - 40) + mark.start()
    position = 0
    for index, atom in enumerate(line.atoms):
        position += (1 if atom.space else 0) + len(atom.plain)
        if position > end:
            kept = line.atoms[:index]
            # The mark begins with the blank before it, which belongs to no piece.
            tail = atom.plain[: max(0, len(atom.plain) - (position - end))]
            if tail and atom.href is None and tail == atom.text[: len(tail)]:
                kept.append(Atom(tail, tail, atom.space, atom.marks))
            return replace(line, atoms=kept), True
    return line, True


def _closer(lines: list[Line]) -> list[Line]:
    """Short paragraphs in a row are the lines of a list or a poem: no blank lines between them."""
    is_short = [line.kind is Kind.TEXT and not line.is_code and len(line.plain) <= _SHORT for line in lines]
    run = 0
    for index, short in enumerate([*is_short, False]):
        if short:
            run += 1
            continue
        if run >= _MIN_RUN:
            for line in lines[index - run + 1 : index]:
                line.gap = 1
        run = 0
    return lines


def _joined(lines: list[Line]) -> list[Line]:
    if lines:
        first = lines[0]
        lines[0] = replace(first, gap=0, atoms=[replace(first.atoms[0], space=False), *first.atoms[1:]])
    return lines
