"""Shares what polls need (slots, hosts, memory, parsers) fairly among the servers that use the bot.

`tenants` says for which servers something is done, `fair_queue` (pure) whose turn is next. Knows no database.
To share something else, give it a `FairSemaphore` or a queue of its own, and its bound a key in `[fairness]`.
"""
