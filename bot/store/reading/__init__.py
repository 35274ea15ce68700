"""Queries of readers: the timeline by position, full-text search, article history, statistics."""
