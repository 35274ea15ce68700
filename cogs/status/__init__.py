"""/status, and the buttons of notices.

To add a button to a notice, add it to `notice_buttons` with an id that says what it acts on, and to `bot.messages.notice`.
"""
