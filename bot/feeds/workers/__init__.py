"""Worker processes that parse documents without rights of their own: the pool, its messages, the sandbox.

A worker has no token, no files and no network. To pass another value, add it to `messages`, where answers are checked. To allow
another system call, add it to the list in `sandbox`.
"""
