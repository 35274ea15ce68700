"""Decides whether an entry of a document is new, known or a republished copy. Pure.

`identify` has the table of rules. Dates take no part. To add a rule, name its case in tests/feeds/test_histories.py first, and run
benchmarks/replay.py over recorded histories.
"""
