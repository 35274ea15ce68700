"""Finds the feeds of a site from its address: links in its pages, rules of known platforms, usual paths.

To support another platform, add a row to `platform_rules` and a case to its test.
"""
