"""What a message looks like: embeds, digests, notices, private messages, as Discord's JSON.

Knows no database and sends nothing. To show something else of an article, change `article_embed`, and mind that an edit compares
the bytes of before and after (`edited`).
"""
