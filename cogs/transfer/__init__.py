"""/import and /export.

Reads the file and shows progress; `bot.services.transfer` does the rest.
"""
