"""Decides when a feed is polled next, and what a poll changes about it. Pure."""
