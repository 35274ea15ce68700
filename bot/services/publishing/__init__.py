"""Use cases of the web: which topics an admin publishes, and what visitors read of them.

A visitor is nobody in particular. Every reading starts from a `Publication` that counts at that moment.
"""
