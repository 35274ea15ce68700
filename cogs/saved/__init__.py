"""/saved, and the buttons and menus that save an article."""
