"""What commands share: replies, views, parameters, lists of articles, the rights of who presses."""
