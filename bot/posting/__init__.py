"""Sending to Discord: pacing, and the requests themselves."""
