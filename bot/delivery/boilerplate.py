"""What publishing software adds to an article and no reader wants: found by its words, taken off the lines."""

import re
from collections.abc import Iterable

from bot.delivery.markup import Atom, Line

_APPEARED = re.compile(
    r"(?:the post|this article|this post|the article|the entry|l’article|der beitrag|la entrada|o post)\s.{1,300}?\s"  # noqa: RUF001 - feeds write it so
    r"(?:appeared first on|first appeared on|est apparu en premier sur|erschien zuerst auf|se publicó primero en"
    r"|apareceu primeiro em|originally appeared on|was originally published on)\s.{1,200}$",
    re.IGNORECASE,
)
_MORE_WORDS = (
    r"(?:read more|continue reading|keep reading|read on|read (?:the )?(?:full|whole|entire|complete|rest)\b.{0,40}"
    r"|view (?:the )?(?:full|entire|original)\b.{0,40}|full (?:story|article)|click here to read.{0,40}|more details"
    r"|weiterlesen|mehr lesen|lire la suite|en savoir plus|leer más|seguir leyendo|continuar lendo|leia mais"
    r"|leggi tutto|continua a leggere|lees verder|läs mer|czytaj dalej|читать дальше|читать далее|続きを読む|阅读全文"
    r"|繼續閱讀|계속 읽기)"
)
_MORE_LINE = re.compile(rf"[\[(]?{_MORE_WORDS}(?:\s*[:\"“»→›…\])>.&-].{{0,150}}|\s*)$", re.IGNORECASE)  # noqa: RUF001 - feeds write it so
_MORE_LINK = re.compile(
    rf"[\[(]?(?:{_MORE_WORDS}.{{0,150}}|link|more|more\s*(?:\.{{3}}|…|»|→))[\])]?\s*[»→›….>]*$",  # noqa: RUF001 - feeds write it so
    re.IGNORECASE,
)
_COMMENTS = re.compile(
    r"[\[(]?(?:\d[\d,.]* comments?|no comments?|comments?(?: \(\d+\)|: ?\d+)?|leave a (?:comment|reply)|add (?:a )?comment"
    r"|view comments?|post a comment|kommentare|commentaires|discuss(?: this)?(?: post| article)?)[\])]?\.?$",
    re.IGNORECASE,
)
_SHARE = re.compile(
    r"(?:(?:share|shared|tweet|pin it|email|e-mail|print|like|facebook|twitter|linkedin|pinterest|reddit|whatsapp"
    r"|telegram|mastodon|bluesky|copy link|this|on|via|to|with|and|:|\||·|•|,|/|&|-)\s*)+$",
    re.IGNORECASE,
)
_SHARE_HINT = re.compile(r"share|tweet|pin it|facebook|twitter|linkedin", re.IGNORECASE)
_SUBMITTED = re.compile(r"submitted by\s+/?u/\S+", re.IGNORECASE)
_CREDIT = re.compile(r"\b(?:was|is) (?:originally )?(?:written|published|posted) (?:by|in|on|at)\b", re.IGNORECASE)
_ORIGINAL = re.compile(r".{0,300}\boriginally (?:published|posted|appeared) (?:on|in|at)\b.{1,200}$", re.IGNORECASE)
_CUT_MARK = re.compile(
    r"\s*(?:\[\s*(?:…|\.{3}|&hellip;)\s*\]|\(\s*more\s*(?:…|\.{3})\s*\)|…|\.{3,}|\[\+\d+ chars\])\s*$"
)


def strip(lines: Iterable[Line], title: str) -> tuple[list[Line], bool]:
    """The lines worth reading, and whether the feed itself had cut the text ("[…]")."""
    kept = [line for line in lines if _is_worth_reading(line)]
    if kept and _key(kept[0].plain) == _key(title) and _key(title):
        kept = kept[1:]
    kept = _without_credits(kept, title)
    was_cut = False
    if kept and not kept[-1].atoms[-1].block:
        kept[-1], was_cut = _without_cut_mark(kept[-1])
    return _joined([line for line in kept if line.atoms]), was_cut


def _key(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


def _is_worth_reading(line: Line) -> bool:
    _take_tail(line)
    plain = line.plain
    if not any(character.isalnum() for character in plain) and not any(ord(character) > 0x2190 for character in plain):
        return False
    return not (
        _MORE_LINE.match(plain)
        or _COMMENTS.match(plain)
        or _SUBMITTED.match(plain)
        or (_SHARE.match(plain) and _SHARE_HINT.search(plain))
    )


def _take_tail(line: Line) -> None:
    """Take "The post … appeared first on …", "Read more" links and empty table cells off the line's end."""
    found = _APPEARED.search(line.plain[-700:])
    if found:
        _keep_characters(line, max(0, len(line.plain) - 700) + found.start())
    while line.atoms and _is_tail(line.atoms[-1]):
        line.atoms.pop()
    while line.atoms and line.atoms[0].text == "·":
        line.atoms.pop(0)


def _is_tail(atom: Atom) -> bool:
    if atom.block:
        return False
    return atom.text == "·" or (
        atom.href is not None and bool(_MORE_LINK.match(atom.plain) or _COMMENTS.match(atom.plain))
    )


def _keep_characters(line: Line, count: int) -> None:
    """Drop the atoms that begin at or after `count` characters of the line's plain text."""
    position = 0
    for index, atom in enumerate(line.atoms):
        if position + (1 if atom.space else 0) >= count:
            del line.atoms[index:]
            return
        position += (1 if atom.space else 0) + len(atom.plain)


def _without_credits(lines: list[Line], title: str) -> list[Line]:
    """Closing lines such as "TITLE was written by NAME at SITE" and "Originally published on SITE"."""
    while len(lines) > 1:
        last = lines[-1]
        plain = last.plain
        linked = any(atom.href for atom in last.atoms)
        named = bool(_key(title)) and _key(title) in _key(plain)
        if len(plain) > 500 or not (linked or named) or not (_CREDIT.search(plain) or _ORIGINAL.match(plain)):
            break
        lines = lines[:-1]
    return lines


def _without_cut_mark(line: Line) -> tuple[Line, bool]:
    mark = _CUT_MARK.search(line.plain[-40:])
    if mark is None:
        return line, False
    end = max(0, len(line.plain) - 40) + mark.start()
    position = 0
    for index, atom in enumerate(line.atoms):
        position += (1 if atom.space else 0) + len(atom.plain)
        if position > end:
            kept = line.atoms[:index]
            tail = atom.plain[: len(atom.plain) - (position - end)]
            if tail and atom.href is None and tail == atom.text[: len(tail)]:
                kept.append(Atom(tail, tail, atom.space, atom.marks))
            return Line(line.gap, line.prefix, line.heading, kept), True
    return line, True


def _joined(lines: list[Line]) -> list[Line]:
    if lines:
        lines[0].gap = 0
        first = lines[0].atoms[0]
        lines[0].atoms[0] = Atom(first.text, first.plain, False, first.marks, first.href, first.block)
    return lines
