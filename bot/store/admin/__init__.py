"""Status for operators, heartbeats, retention, and the clean-up of what is kept no longer."""
