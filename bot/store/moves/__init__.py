"""Feeds that change their address, and sources that change their topic."""
