"""/topic: make, edit, test, delete; the panel, the first topic, the welcome."""
