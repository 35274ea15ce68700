"""Reads and writes lists of feeds: OPML, and the file of Red-DiscordBot's RSS cog."""
