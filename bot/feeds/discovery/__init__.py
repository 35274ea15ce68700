"""Finds the feeds of a site from its address: links in its pages, rules of known platforms, usual paths.

Asks hosts through `feeds.http` only. To support another platform, add a rule to `platform_rules`, and a case to
tests/feeds/discovery/test_platforms.py.
"""
