"""Chooses the picture of an article, from its entry or from its page.

`image_choice` and `channel_art` are pure; `page_image` reads a page that was fetched. To leave out another kind of icon or pixel, add
its name or size to `image_choice`.
"""
