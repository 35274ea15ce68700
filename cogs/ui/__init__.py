"""What commands share: replies, views, parameters, lists of articles, the rights of who presses.

To offer something while people type, add it to `params`. To page through something, use `views.Pages`. To check rights, use
`member_permissions` for changes and `reader_access` for reading.
"""
