"""What happened since the start, in plain numbers, for whoever runs the bot: see `bot.web.metrics_server`.

To count costs next to nothing, so it is always done. No number is kept for a server, a feed or a person.
"""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Measures:
    """Counters that only grow."""

    polls: Counter[str] = field(default_factory=Counter)
    """By outcome."""
    articles_posted: int = 0
    messages_posted: int = 0
    discord_answers: Counter[int] = field(default_factory=Counter)
    """By HTTP status, of every request to Discord."""
    failed_rounds: Counter[str] = field(default_factory=Counter)
    """By loop."""


measured = Measures()
"""Those of this process."""
