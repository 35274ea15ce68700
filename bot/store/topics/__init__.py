"""Topics, subscriptions, filters, servers and imports."""
