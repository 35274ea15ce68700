"""Use cases of a server: its language, welcome, status, and what happens when it joins or leaves.

Knows the store, no Discord types. To act when a server joins or leaves, add it to `events`.
"""
