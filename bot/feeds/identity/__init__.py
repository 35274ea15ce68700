"""Decides whether an entry of a document is new, known or a republished copy. Pure."""
