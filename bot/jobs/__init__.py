"""The loops: thin shells around the store, the feeds and Discord.

A loop's `round` does what is due and returns the seconds until the next one; `runner` calls it, waits, and keeps it going after errors. To add a
loop, write a job with a `round`, and give it a `Runner` in `bot.app`. Rules belong into pure modules or services.
"""
