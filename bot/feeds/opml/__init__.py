"""Reads and writes lists of feeds: OPML, and the file of Red-DiscordBot's RSS cog. Knows no network and no database.

To read another program's list, add a module that gives the same values, and choose it in `bot.services.transfer.importer`.
"""
