"""/topic: make, edit, test, delete; the panel, the first topic, the welcome.

To add an option, add it to `edit` and to `panel`, and its text to `texts`.
"""
