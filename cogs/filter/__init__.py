"""/filter: show, set and test filters."""
