"""Feeds: claims of those that are due, and suggestions while people type."""
