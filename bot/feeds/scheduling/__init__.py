"""Decides when a feed is polled next, and what a poll changes about it. Pure.

`poll_interval` and `publish_rate` make the interval, `poll_outcome` the values that the store applies. To respect another hint of a
feed, read it in `feeds.http.cache_headers` or `feeds.parsing`, and take it into `poll_interval`.
"""
