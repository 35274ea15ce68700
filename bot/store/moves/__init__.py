"""Feeds that change their address, and sources that change their topic.

`feed_moves` moves a feed within its owner's domain, `subscription_handover` moves subscriptions to another owner's feed,
`move_source` serves `/source move`. What a feed's host says counts only for those who follow that address.
"""
