"""/subscribe, /unsubscribe, /sources and /source."""
