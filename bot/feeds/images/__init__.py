"""Chooses the picture of an article, from its entry or from its page."""
