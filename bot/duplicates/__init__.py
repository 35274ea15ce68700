"""Tells whether two articles of different sources are one story. Pure: knows values only.

`same_story` decides, `text_similarity` compares titles and texts. To change how alike two texts must be, change the bounds there, with
a case each of what is one story and of what is not in tests/duplicates.
"""
