"""The loops that post: articles, digests, edits, follow-ups, notices to admins, private messages."""
