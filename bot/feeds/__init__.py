"""Feeds: fetching, reading and recognising what they list.

`http` asks hosts, `workers` and `parsing` read documents, `identity` recognises entries, `scheduling` says when to ask again.
Knows no database and no Discord: `jobs` and `services` carry values from here to the store.
"""
