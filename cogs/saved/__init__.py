"""/saved, and the buttons and menus that save an article.

Buttons say in their ids what they act on, so they work after a restart.
"""
