"""/latest, /search and /why."""
