"""Deliveries and posts: what waits, what was planned, attempted, posted, edited."""
