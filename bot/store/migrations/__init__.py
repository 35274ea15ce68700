"""Numbered, frozen steps from an empty database to the newest schema. They import nothing of the program.

To add one, take the next number in `versions`; CONTRIBUTING.md has the steps.
"""
