"""Use cases of one person: follows, saved articles, forgetting."""
