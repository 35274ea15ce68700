"""/help, from the commands themselves."""
