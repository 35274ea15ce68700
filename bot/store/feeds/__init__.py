"""Feeds: claims of those that are due, and suggestions while people type.

A claim leases a feed to one poll. What a poll changes is stored by `store.intake`.
"""
