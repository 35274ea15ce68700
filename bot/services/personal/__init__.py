"""Use cases of one person: follows, saved articles, forgetting.

Each takes a person's id and what that person may read. To store something else about a person, let `/forget me` name and delete it.
"""
