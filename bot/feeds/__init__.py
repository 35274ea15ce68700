"""Feeds: fetching, reading and recognising what they list."""
