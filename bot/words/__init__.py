"""Words: the one way in which texts are folded and cut for filters, personal words and the search. Pure.

`folding` makes words of a text, `word_positions` tells where in the text they stand, `spelling_suggestions` knows slips of the fingers.
What changes the words of a text must raise `folding.VERSION`: the search index is then made anew.
"""
