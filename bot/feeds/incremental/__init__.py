"""Finds the entries of a document that were never seen, so that only those are parsed.

`item_scanner` compares bytes with what the store has; what it does not understand is read whole. Entries are the same either way:
tests/feeds/incremental holds it for every document.
"""
