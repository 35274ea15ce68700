"""The Discord client: connection, reconnecting, command names in other languages, views of an earlier process.

Knows services and jobs, no SQL. To load another cog, add it to `client.EXTENSIONS`. To act on another gateway event, add an `on_…`
handler to the client, which stores rows and lets the loops do the work.
"""
