"""The only writer of articles to Discord: sending, looking up, follow-up actions, error codes.

Knows messages as they are stored, no database. To handle another error code, add it to `error_mapping`, with what becomes of the
message.
"""
