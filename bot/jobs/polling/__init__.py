"""The loops that poll feeds, and look for feeds that moved."""
