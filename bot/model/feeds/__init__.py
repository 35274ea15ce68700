"""Values about feeds: addresses, requests, answers, entries, polls, imports.

To add a value, add a frozen dataclass to the module of its concept and export it in `bot.model`.
"""
