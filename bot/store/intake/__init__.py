"""Stores what polls brought, and queues it for the topics that follow: entries, feed state, fan-out, daily bounds."""
