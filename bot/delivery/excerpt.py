"""An article's HTML as a short Discord Markdown text: what is said, in the order it is said, cut where it reads well."""

from dataclasses import dataclass, field

from bot.delivery import boilerplate, escape, limits
from bot.delivery.markup import Atom, Line, absolute, read

_SENTENCE_ENDS = frozenset(".!?。！？…")  # noqa: RUF001 - East Asian punctuation is meant
_MARK_NAME = "Continue reading"


def markdown(html: str, *, base_url: str | None, title: str, limit: int, link: str | None) -> str:
    """At most `limit` UTF-16 units of Markdown, empty if the document says nothing. Never raises for any text.

    Args:
        html: HTML or plain text, as a feed gave it; not sanitised.
        base_url: what relative links are relative to; without it they become plain text.
        title: is not repeated as the first line.
        limit: at least 1.
        link: the article's address; added as "Continue reading" where something was cut, if it takes less than
            half of the limit.
    """
    document = read(html, base_url)
    lines, was_cut = boilerplate.strip(document.lines, title)
    was_cut = was_cut or document.cut
    if not lines and document.pictures:
        words = next((words for words in document.pictures if words.casefold() != title.casefold()), "")
        lines = _one_line(words)
    if not lines:
        return ""
    if not was_cut:
        whole = _Writer(limit)
        if whole.write(lines):
            return whole.text.strip()
    suffix = _suffix(link, limit)
    writer = _Writer(limit - limits.units(suffix) - 2)
    complete = writer.write(lines)
    return _close(writer.text, complete=complete, limit=limit - limits.units(suffix)) + suffix


def first_words(html: str, limit: int) -> str:
    """Plain text from the beginning of a document, clipped; for articles without a title."""
    document = read(html, None)
    lines, _ = boilerplate.strip(document.lines, "")
    plain = " ".join(line.plain for line in lines[:5]) or next(iter(document.pictures), "")
    return limits.clip(plain, limit)


def _one_line(words: str) -> list[Line]:
    atoms = [
        Atom(escape.escape(piece), piece, space=position == 0)
        for word in words.split()
        for position, piece in enumerate(escape.pieces(word))
    ]
    return [Line(0, "", False, atoms)] if atoms else []


def _suffix(link: str | None, limit: int) -> str:
    address = absolute(None, link)
    if address is None:
        return ""
    suffix = f" [{_MARK_NAME}]({escape.url(address)})"
    return suffix if limits.units(suffix) <= limit // 2 else ""


def _close(text: str, *, complete: bool, limit: int) -> str:
    """The cut text with "…", which goes after a code block on a line of its own."""
    text = text.strip()
    if not text:
        return limits.clip(limits.ELLIPSIS, limit)
    if text.endswith("```"):
        closed = text + "\n" + limits.ELLIPSIS
    elif complete and text[-1] in _SENTENCE_ENDS:
        closed = text
    else:
        closed = text.rstrip(" ,;:–—") + (" " if text[-1] in ".!?" else "") + limits.ELLIPSIS  # noqa: RUF001
    return closed if limits.units(closed) <= limit else text


@dataclass(slots=True)
class _Writer:
    """Writes atoms as long as they fit, and always leaves its marks closed."""

    limit: int
    _parts: list[str] = field(default_factory=list)
    _used: int = 0
    _open: tuple[str, ...] = ()
    _quoted: bool = False

    @property
    def text(self) -> str:
        return "".join(self._parts) + "".join(reversed(self._open))

    def write(self, lines: list[Line]) -> bool:
        """Whether all of the lines fitted."""
        for line in lines:
            before = (len(self._parts), self._used)
            for index, atom in enumerate(line.atoms):
                if not self._write(line, atom, first=index == 0):
                    if line.heading and before[0]:
                        self._open = ()
                        del self._parts[before[0] :]
                        self._used = before[1]
                    return False
            self._switch(())
            self._quoted = line.prefix.startswith("> ")
        return True

    def _write(self, line: Line, atom: Atom, *, first: bool) -> bool:
        gap = ("\n" * line.gap + line.prefix) if first else (" " if atom.space else "")
        if first and self._quoted and line.prefix.startswith("> "):
            gap = "\n> " * (line.gap - 1) + "\n" + line.prefix  # one quote of several paragraphs
        text = atom.text
        if first and not atom.block and atom.href is None and not atom.marks:
            text = escape.escape_line_start(text)
        if atom.block and line.prefix.startswith("> "):
            text = text.replace("\n", "\n> ")
        if self._fits(gap, text, atom.marks):
            self._append(gap, text, atom.marks)
            return True
        if atom.href is not None:
            self._write_words(gap, atom)
        elif not self._parts:
            self._append("", self._shortened(atom), ())
        return False

    def _write_words(self, gap: str, link: Atom) -> None:
        """The words of a link that does not fit, as far as they do: the sentence goes on to where it is cut."""
        for word in link.plain.split():
            for piece in escape.pieces(word):
                text = escape.escape_line_start(escape.escape(piece))
                if not self._fits(gap, text, link.marks):
                    return
                self._append(gap, text, link.marks)
                gap = ""
            gap = " "

    def _fits(self, gap: str, text: str, marks: tuple[str, ...]) -> bool:
        turned = sum(map(len, self._open)) + 2 * sum(map(len, marks)) + 1
        return self._used + limits.units(gap) + limits.units(text) + turned <= self.limit

    def _append(self, gap: str, text: str, marks: tuple[str, ...]) -> None:
        if marks != self._open:
            closed = self._switch(())
            if closed and marks and not gap:
                gap = "\u200b"  # "**a***b*" would be read as something else
            self._put(gap)
            self._switch(marks)
        else:
            self._put(gap)
        self._put(text)

    def _switch(self, marks: tuple[str, ...]) -> bool:
        """Close the open marks and open others. Returns whether any was closed."""
        closed = bool(self._open)
        self._put("".join(reversed(self._open)))
        self._open = marks
        self._put("".join(marks))
        return closed

    def _put(self, text: str) -> None:
        if text:
            self._parts.append(text)
            self._used += limits.units(text)

    def _shortened(self, atom: Atom) -> str:
        """The beginning of a piece that is longer than the whole excerpt: lines of code, or characters of a word."""
        if not atom.block:
            return escape.escape_line_start(
                limits.clip(escape.escape(limits.clip(atom.plain, self.limit // 2)), self.limit)
            )
        kept = ""
        for row in atom.text.split("\n")[:-1]:
            if limits.units(kept) + limits.units(row) + len("\n```") > self.limit:
                break
            kept += row + "\n"
        return kept + "```" if kept.count("\n") > 1 else ""
