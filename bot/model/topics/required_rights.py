"""What a command needs of the person who gives it."""

import enum


class Need(enum.IntEnum):
    """What a person must be allowed to do in a topic's channel; each includes those before it."""

    VIEW = 1
    """See it: without this its topics do not exist for the person."""
    POST = 2
    """Write there, as the bot will for them."""
    MANAGE = 3
    """Decide what is posted there."""
