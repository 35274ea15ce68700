"""Removes from an excerpt what publishing systems add: share links, "appeared first on", the repeated title.

To drop another phrase, add a pattern to `boilerplate_patterns` and a row to its test.
"""
