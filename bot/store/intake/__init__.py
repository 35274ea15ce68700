"""Stores what polls brought, and queues it for the topics that follow: entries, feed state, fan-out, daily bounds.

Everything of one poll is one transaction; very much goes in parts, the feed's state with the last. `apply_outcomes` stores many
polls at once, so each step is one statement for all of them.
"""
