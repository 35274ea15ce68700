"""Who may read and who may change what, by the rights that Discord gives a person in a channel.

Asks Discord, knows no feeds and no database. `readable_topics` makes the viewer of every list, `authority` checks every change. To
guard another action, give it a need of `bot.model.topics.required_rights` that `authority` checks, and add a case to tests/cogs/test_deputies.py.
"""
