"""Use cases of a server: its language, welcome, status, and what happens when it joins or leaves."""
