"""Shares what polls need (slots, hosts, memory, parsers) fairly among the servers that use the bot."""
