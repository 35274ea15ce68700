"""Deliveries and posts: what waits, what was planned, attempted, posted, edited.

Each step of docs/delivery.md is one transaction here, so that a crash leaves a state from which it can be repeated.
"""
