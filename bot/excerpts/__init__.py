"""From HTML to Discord Markdown: the excerpt of an article, within Discord's limits, with nothing in it that acts. Pure.

Knows no feeds, no database and no Discord library. To support another HTML element, add it to `html_elements`, and a case to
tests/excerpts/test_excerpt.py.
"""
