"""Queries of readers: the timeline by position, full-text search, article history, statistics.

Queries take the ids of the topics that somebody may read. No page counts through what is before it, see docs/store.md.
"""
