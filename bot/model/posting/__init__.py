"""Values about messages: posts, edits, follow-ups, notices, duplicates.

To add a value, add a frozen dataclass to the module of its concept and export it in `bot.model`.
"""
