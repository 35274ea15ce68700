"""Character encodings of documents: declared, detected or guessed. Pure.

Turns bytes into UTF-8 before anything parses them. To guess another encoding, add its letters to `guess`, and a case to
tests/feeds/encodings/test_detect.py.
"""
