"""The loops: thin shells around the store, the feeds and Discord."""
