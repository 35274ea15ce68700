"""Values about topics: options, channels, filters, who may change them.

To add an option of topics, add a field to `TopicOptions`, which is stored as JSON, and the option to `/topic edit`.
"""
