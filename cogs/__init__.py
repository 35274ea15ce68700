"""The slash commands. A cog reads the arguments, calls one service, and replies.

Knows services, permissions and messages, no SQL. One folder is one group of commands. To add a command, see CONTRIBUTING.md.
"""
