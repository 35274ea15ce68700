"""The Discord client: connection, reconnecting, command names in other languages, views of an earlier process."""
