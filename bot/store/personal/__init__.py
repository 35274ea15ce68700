"""Rows of single persons: follows, private messages, saved articles."""
