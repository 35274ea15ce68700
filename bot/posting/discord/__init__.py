"""The only writer of articles to Discord: sending, looking up, follow-up actions, error codes."""
