"""The slash commands. A cog reads the arguments, calls one service, and replies."""
