"""Worker processes that parse documents without rights of their own: the pool, its messages, the sandbox."""
