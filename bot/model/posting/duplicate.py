"""An article as it is compared with those of other sources, to tell one story once."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Story:
    """One delivery: waiting to be compared, or on its way or posted already, in the same channel."""

    delivery_id: int
    entry_id: int
    feed_id: int
    at: datetime
    """When it was published, as far as that is known; never later than it was seen."""
    title: str
    link: str | None
    link_key: str | None
    """Equal for two spellings of one address."""
    source: str = ""
    """The feed's title."""
    text: str = ""
    """The beginning of its plain text; empty until it is needed."""
    link_is_shared: bool = False
    """Several entries of its source have this link, so that it says nothing."""
    title_recurs: bool = False
    """Its source used this title before: a column, a weekly thread."""
    topic_id: int = 0
    waiting: bool = False
    """Nothing of it was planned yet."""
    apart: bool = False
    """Its topic posts everything, and what it posts counts for no other topic."""
    sources: frozenset[int] = field(default_factory=frozenset)
    """The feeds whose entries were told with it, besides its own."""
