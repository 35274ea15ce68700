"""Limits on what servers and people may ask for within a time."""
