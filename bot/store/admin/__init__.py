"""Status for operators, heartbeats, retention, and the clean-up of what is kept no longer.

To keep a new table's rows for a time, say it in `retention.KEPT`; a test fails where a table is missing there.
"""
