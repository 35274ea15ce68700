"""Writes lines of Markdown as far as they fit, with all marks closed, and ends where a reader would stop."""

from dataclasses import dataclass, field

from bot.excerpts import discord_limits, escape
from bot.excerpts.cleanup import sentences
from bot.excerpts.html_tree import Atom, Kind, Line

_FURTHEST_BACK = 3
"""To end with a sentence, at most one part in so many is given up."""
_NOT_IN_ADDRESS = ".,:;\"'"
"""Discord leaves them out at the end of an address."""


@dataclass(frozen=True, slots=True)
class _Place:
    """A state of the writer to which it can go back."""

    parts: int
    used: int
    seen: int
    open: tuple[str, ...]
    line: Line | None


_START = _Place(0, 0, 0, (), None)


@dataclass(slots=True)
class Writer:
    """Writes atoms as long as they fit.

    `limit` counts the UTF-16 units that a reader sees, `room` those of the Markdown.
    """

    limit: int
    room: int
    _parts: list[str] = field(default_factory=list)
    _used: int = 0
    _seen: int = 0
    _open: tuple[str, ...] = ()
    _line: Line | None = None
    _sentence: _Place = _START
    _after_address: bool = False

    @property
    def text(self) -> str:
        return "".join(self._parts) + "".join(reversed(self._open))

    @property
    def last_line(self) -> Line | None:
        """The line in which the text ends."""
        return self._line

    @property
    def ends_whole(self) -> bool:
        """Whether the text ends where a sentence or line does."""
        return len(self._parts) == self._sentence.parts

    def write(self, lines: list[Line]) -> bool:
        """Whether all of the lines fitted. If not, the text ends with a sentence, else with a word."""
        for line in lines:
            for index, atom in enumerate(line.atoms):
                following = line.atoms[index + 1].plain if index + 1 < len(line.atoms) else None
                if not self._write(line, atom, first=index == 0):
                    self._go_back()
                    return False
                if line.kind is not Kind.HEADING and (following is None or sentences.ends(atom.plain, following)):
                    self._sentence = self._place()
            self._switch(())
        return True

    def _place(self) -> _Place:
        return _Place(len(self._parts), self._used, self._seen, self._open, self._line)

    def _go_back(self) -> None:
        """To the last end of a sentence or line, if that is near; never leave a heading without its text."""
        last = self._sentence
        in_heading = self._line is not None and self._line.kind is Kind.HEADING
        near = self._seen - last.seen <= self.limit // _FURTHEST_BACK
        if last.parts and (near or in_heading):
            del self._parts[last.parts :]
            self._used, self._seen, self._open, self._line = last.used, last.seen, last.open, last.line

    def _write(self, line: Line, atom: Atom, *, first: bool) -> bool:
        # What follows an address without a blank would be a part of it, but for the end of a sentence.
        glued = self._after_address and atom.text.strip(_NOT_IN_ADDRESS)
        gap = self._gap(line) if first else (" " if atom.space or glued else "")
        text = atom.text
        if first and not atom.block and atom.href is None and not atom.marks:
            text = escape.escape_line_start(text)
        if atom.block and line.quoted:
            text = text.replace("\n", "\n> ")
        if self._fits(gap, text, atom.plain, atom.marks):
            self._append(gap, text, atom.plain, atom.marks)
            self._line = line
            return True
        if atom.href is not None:
            self._write_words(line, gap, atom)
        elif not self._parts:
            text, plain = self._shortened(atom)
            self._append("", text, plain, ())
            self._line = line
        return False

    def _gap(self, line: Line) -> str:
        if self._line is not None and self._line.quoted and line.quoted:
            return "\n> " * (line.gap - 1) + "\n" + line.prefix  # one quote of several paragraphs
        return "\n" * line.gap + line.prefix

    def _write_words(self, line: Line, gap: str, link: Atom) -> None:
        """The words of a link that does not fit, as far as they do: the sentence goes on to where it is cut."""
        for word in link.plain.split():
            for piece in escape.pieces(word):
                text = escape.escape_line_start(escape.escape(piece))
                if "://" in word or not self._fits(gap, text, piece, link.marks):
                    return
                self._append(gap, text, piece, link.marks)
                self._line = line
                gap = ""
            gap = " "

    def _fits(self, gap: str, text: str, plain: str, marks: tuple[str, ...]) -> bool:
        turned = sum(map(len, self._open)) + 2 * sum(map(len, marks)) + 1
        used = self._used + discord_limits.units(gap) + discord_limits.units(text) + turned
        return used <= self.room and self._seen + len(gap) + discord_limits.units(plain) <= self.limit

    def _append(self, gap: str, text: str, plain: str, marks: tuple[str, ...]) -> None:
        if marks != self._open:
            closed = bool(self._open)
            self._switch(())
            if closed and marks and not gap:
                gap = "\u200b"  # "**a***b*" would be read as something else
            self._put(gap)
            self._switch(marks)
        else:
            if not gap and text.startswith("`") and self._parts and self._parts[-1].endswith("`"):
                gap = "\u200b"  # "`a``b`" would be one piece of code with two signs too many
            self._put(gap)
        self._put(text)
        self._seen += len(gap) + discord_limits.units(plain)
        goes_on = self._after_address and not gap and not text.strip(_NOT_IN_ADDRESS)
        self._after_address = goes_on or ("://" in plain and not text.startswith(("[", "`")))

    def _switch(self, marks: tuple[str, ...]) -> None:
        """Close the open marks and open others."""
        self._put("".join(reversed(self._open)))
        self._open = marks
        self._put("".join(marks))

    def _put(self, text: str) -> None:
        if text:
            self._parts.append(text)
            self._used += discord_limits.units(text)

    def _shortened(self, atom: Atom) -> tuple[str, str]:
        """The beginning of a piece that is longer than the whole excerpt: lines of code, or characters of a word."""
        most = min(self.limit, self.room)
        if not atom.block:
            plain = discord_limits.clip(atom.plain, most // 2)
            return escape.escape_line_start(discord_limits.clip(escape.escape(plain), most)), plain
        kept = ""
        for row in atom.text.split("\n")[:-1]:
            if discord_limits.units(kept) + discord_limits.units(row) + len("\n```") > most:
                break
            kept += row + "\n"
        return (kept + "```", kept) if kept.count("\n") > 1 else ("", "")
