"""Import and export of feed lists."""
