"""/filter: show, set, test and clear filters.

`texts` words the errors and results. The language itself is in `bot.filters`.
"""
