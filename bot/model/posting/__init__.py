"""Values about messages: posts, edits, follow-ups, notices, duplicates."""
