"""Removes from an excerpt what publishing systems add: share links, "appeared first on", the repeated title. Pure.

To drop another phrase, add a pattern to `boilerplate_patterns`, and a case that it takes and a case that it leaves to
tests/excerpts/cleanup/test_boilerplate.py.
"""
