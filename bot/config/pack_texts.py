"""The name and the description of a starter pack in one language."""

from bot.config.value_types import Name, Section


class PackTexts(Section):
    name: Name
    description: str = ""
