"""The loops that post: articles, digests, edits, follow-ups, notices to admins, private messages.

Every message is planned, attempted, sent and recorded in this order; docs/delivery.md says why. To send another kind of message,
plan it as a row of `posts`, so that crashes and doubts are handled already.
"""
