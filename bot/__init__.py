"""Riverpost: a Discord bot that follows news feeds and posts every new article, once.

docs/architecture.md is the overview. `app` is the composition root, `__main__` the command line.
"""

__version__ = "0.1.0"
