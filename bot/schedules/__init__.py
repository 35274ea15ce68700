"""Times of digests and quiet hours, in the time zones of topics and people. Pure."""
