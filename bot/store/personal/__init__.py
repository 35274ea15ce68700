"""Rows of single persons: follows, private messages, saved articles.

`/forget me` deletes all of it. A new table of persons belongs into `store.schema.personal_tables`.
"""
