"""Use cases of readers: the timeline, search, article history, statistics."""
