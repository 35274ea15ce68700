"""/status, and the buttons of notices."""
