"""Decides when a feed is polled next, and what a poll changes about it. Pure.

`publish_habit` learns when a feed publishes, `poll_threshold` says from that for how long it may be left alone, at the price of a poll
that `poll_price` reckons and `poll_budget` keeps. `poll_interval` brings in the operator's bounds and what host and feed ask for, `publish_rate`
how soon a feed's list turns over; `poll_outcome` makes the values that the store applies. To respect another hint of a feed, read it
in `feeds.http.cache_headers` or `feeds.parsing`, and take it into `poll_interval`.
"""
