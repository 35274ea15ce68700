"""Use cases of topics: making, changing, options, filters."""
