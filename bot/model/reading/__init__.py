"""Values about readers: articles in lists, search, follows, access, statistics.

To add a value, add a frozen dataclass to the module of its concept and export it in `bot.model`.
"""
