"""What stands in where a test is not about it: nobody to wake, channels of the plainest kind, one language."""

from bot.model import Place, Post


def nothing() -> None:
    """Wakes no loop."""


def anywhere(_channel_id: int, _guild_id: int) -> Place:
    """A plain text channel."""
    return Place()


async def english(_guild_id: int) -> str | None:
    """In every guild."""
    return None


async def may_go(_post: Post) -> bool:
    """Whatever is to be sent may be read."""
    return True


def no_rest() -> float:
    """Seconds that nothing may be asked."""
    return 0.0
