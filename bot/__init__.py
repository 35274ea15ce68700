"""Riverpost: a Discord bot that follows news feeds and posts every new article, once."""

__version__ = "0.1.0"
