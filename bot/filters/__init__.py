"""The filter language of topics and sources: syntax, terms, regular expressions, evaluation. Pure.

To add a field, add it to `terms`, and describe it in docs/filters.md.
"""
