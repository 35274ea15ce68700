"""Tells whether two articles of different sources are one story. Pure."""
