"""What a document becomes on its way to an excerpt: lines of pieces that stand or fall as a whole."""

import enum
from dataclasses import dataclass, field


class Kind(enum.Enum):
    """What a line is to its reader."""

    TEXT = "text"
    HEADING = "heading"
    ITEM = "item"
    ROW = "row"
    CAPTION = "caption"


@dataclass(frozen=True, slots=True)
class Atom:
    """A piece that is never cut. `plain` is how it reads, `text` its Markdown."""

    text: str
    plain: str
    space: bool
    marks: tuple[str, ...] = ()
    href: str | None = None
    """Where the piece leads; an address written out in the text leads nowhere by this count."""
    block: bool = False
    """A whole code block; `text` has its lines with fences."""


@dataclass(slots=True)
class Line:
    """One line of output. `gap` is the number of newlines before it."""

    gap: int
    prefix: str
    kind: Kind = Kind.TEXT
    quoted: bool = False
    atoms: list[Atom] = field(default_factory=list)

    @property
    def plain(self) -> str:
        return "".join((" " if atom.space else "") + atom.plain for atom in self.atoms).strip()

    @property
    def is_code(self) -> bool:
        return bool(self.atoms) and self.atoms[0].block


@dataclass(frozen=True, slots=True)
class Document:
    """What a piece of HTML says."""

    lines: list[Line]
    pictures: list[str]
    """The words of its images, for when it says nothing else."""
    players: list[str]
    """The pages of films that it embeds, likewise."""
    cut: bool
    """The document was longer than is ever read."""
