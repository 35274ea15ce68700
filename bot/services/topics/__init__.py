"""Use cases of topics: making, changing, options, filters.

To add an option, see `topic_options`: it reads what people write, and says what is wrong with it.
"""
