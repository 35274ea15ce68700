"""Finds the entries of a document that were never seen, so that only those are parsed."""
