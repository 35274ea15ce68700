"""Numbered, frozen steps from an empty database to the newest schema. They import nothing of the program."""
