"""An article's HTML as a short Discord Markdown text: what is said, in the order it is said, cut where it reads well."""

from bot.excerpts import discord_limits, escape, links
from bot.excerpts.cleanup import boilerplate, sentences, title_repeat
from bot.excerpts.html_reader import read
from bot.excerpts.html_tree import Atom, Document, Kind, Line
from bot.excerpts.markdown_writer import Writer
from bot.i18n.translation import _

_ASIDES, _TIMES = 3_000, 2
"""Characters that are read beyond what can be shown, since some of them will be taken off."""
_TO_THE_LEFT = "\u200f"
"""An invisible letter of a script that runs to the left: the signs before it stay at the end of such a text."""


def markdown(
    html: str, *, base_url: str | None, title: str, limit: int, link: str | None, room: int | None = None
) -> str:
    """A text of which a reader sees at most `limit` UTF-16 units, empty if the document says nothing.

    Never raises for any text.

    Args:
        html: HTML or plain text, as a feed gave it; not sanitised.
        base_url: what relative links are relative to; without it they become plain text.
        title: is not repeated as the first line.
        limit: at least 1.
        link: the article's address; added as "Continue reading" where something was cut, if it takes less than
            half of the room.
        room: the UTF-16 units that the Markdown may take, addresses of links included; None means `limit`.
    """
    room = limit if room is None else room
    document = read(html, base_url, _ASIDES + _TIMES * limit)
    lines, was_cut = boilerplate.strip(document.lines, title)
    was_cut = was_cut or document.cut
    if not lines:
        lines = _instead(document, title)
    if not lines:
        return ""
    if not was_cut:
        whole = Writer(limit, room)
        if whole.write(lines):
            return whole.text.strip()
    suffix = _suffix(link, room)
    left = room - discord_limits.units(suffix) - len(_TO_THE_LEFT) - 1
    writer = Writer(min(limit, left) - 2, left - 2)
    writer.write(lines)
    return _closed(writer, room=left, suffix=suffix)


def named(title: str, html: str, limit: int) -> str:
    """What an article is called where a line is all there is: its title, else its first words."""
    return title or first_words(html, limit)


def first_words(html: str, limit: int) -> str:
    """Plain text for the title of an article without one: its first sentence, else as much of it as fits."""
    document = read(html, None, _ASIDES)
    lines, _ = boilerplate.strip(document.lines, "")
    if not lines:
        return discord_limits.clip(next(iter(document.pictures), ""), limit)
    line = next((line for line in lines if not line.is_code), lines[0])
    said = ""
    for atom, following in zip(line.atoms, [*(one.plain for one in line.atoms[1:]), None], strict=True):
        said += (" " if atom.space else "") + atom.plain
        if discord_limits.units(said) > limit:
            break
        if sentences.ends(atom.plain, following):
            return said.strip()
    return discord_limits.clip(line.plain, limit)


def _instead(document: Document, title: str) -> list[Line]:
    """For a document without words: those of a picture, or the way to its film."""
    words = next((words for words in document.pictures if title_repeat.key(words) != title_repeat.key(title)), "")
    if words:
        return _one_line([Atom(escape.escape(word), word, space=True) for word in words.split()])
    if document.players:
        page, watch = document.players[0], _("Watch")
        return _one_line([Atom(f"🎬 {links.masked(watch, page)}", f"🎬 {watch}", space=False, href=page)])
    return []


def _one_line(atoms: list[Atom]) -> list[Line]:
    return [Line(0, "", atoms=[Atom(atoms[0].text, atoms[0].plain, space=False, href=atoms[0].href), *atoms[1:]])]


def _suffix(link: str | None, room: int) -> str:
    address = links.absolute(None, link)
    if address is None:
        return ""
    suffix = f" [{_('Continue reading')}]({escape.url(address)})"
    return suffix if discord_limits.units(suffix) <= room // 2 else ""


def _closed(writer: Writer, *, room: int, suffix: str) -> str:
    """The cut text with "…" and the way to the rest, on a line of its own where it would join a list or a quote."""
    text = writer.text.strip()
    if not text:
        return (discord_limits.clip(discord_limits.ELLIPSIS, room) + suffix).strip()
    last = writer.last_line
    if text.endswith("```"):
        closed = text + "\n" + discord_limits.ELLIPSIS
    elif writer.ends_whole and sentences.ends(text.split()[-1], None):
        closed = text
    else:
        bare = text.rstrip(" ,;:–—(「『（【")  # noqa: RUF001 - dashes are meant
        closed = bare + (" " if bare.endswith((".", "!", "?")) else "") + discord_limits.ELLIPSIS
    if discord_limits.units(closed) > room:
        closed = text
    from_right = sentences.runs_from_right(text)
    if from_right:
        closed += _TO_THE_LEFT
    own_line = from_right or (last is not None and (last.kind is not Kind.TEXT or last.quoted))
    return closed + ("\n" + suffix.strip() if own_line and suffix else suffix)
