"""The configuration: every setting with its bounds, default and error text.

To add a setting, add a field to a section of `settings`, and a line to config.example.toml. A test compares the two. Where an operator has
to think before choosing a value, say so in docs/configuration.md.
"""
