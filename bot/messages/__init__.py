"""What a message looks like: embeds, digests, notices, private messages, as Discord's JSON. Knows no database."""
