"""Use cases of readers: the timeline, search, article history, statistics.

Each takes a `Viewer`, never a server, so that nobody reads of a topic whose channel they cannot see.
"""
