"""The words of an article as the search index holds them, parted by spaces. Pure.

They are also functions of the database's connections, under the names that `FUNCTIONS` gives them: its triggers keep
the index. They raise nothing, whatever the text.
"""

import json

from bot.words.folding import words

BARRIER = "\ue001"
"""Between two names: no phrase reaches over it. Nobody can type it, since folding drops it."""


def search_words(text: str | None) -> str:
    """The words of a title or a text."""
    return words(text or "")


def search_names(author: str | None, categories: str | None) -> str:
    """The words of an author and of categories, which are a JSON array."""
    try:
        listed = json.loads(categories or "[]")
    except ValueError:
        listed = []
    names = [author or "", *(each for each in listed if isinstance(each, str))] if isinstance(listed, list) else []
    return f" {BARRIER} ".join(filter(None, map(words, names)))


FUNCTIONS = (("search_words", 1, search_words), ("search_names", 2, search_names))
