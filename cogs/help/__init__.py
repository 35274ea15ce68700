"""/help, from the commands themselves.

To sort a command into another part, change `catalogue`, which also orders docs/commands.md.
"""
