"""/subscribe, /unsubscribe, /sources and /source.

`cog` adds, removes and lists, `management` changes one source, `subscribe_replies` words what became of each address.
"""
