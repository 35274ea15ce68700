"""The loops that poll feeds, and look for feeds that moved.

`poll_loop` claims what is due, has it fetched and read, and stores the outcome in one transaction. Decisions are made in
`feeds.scheduling`.
"""
