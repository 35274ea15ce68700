"""Limits on what servers and people may ask for within a time.

Counts in memory; the bounds are in `[limits]` of the configuration. To bound another request, add a key there, and
refuse with a sentence that says when it works again.
"""
