"""The configuration: every setting with its bounds, default and error text.

To add a setting, add a field to a section of `settings`, and a line to config.example.toml and the README; a test compares them.
"""
