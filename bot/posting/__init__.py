"""Sending to Discord: pacing, and the requests themselves. Knows neither feeds nor database.

`pacing` says when something may leave, `discord` sends it. Loops in `jobs.posting` use both.
"""
