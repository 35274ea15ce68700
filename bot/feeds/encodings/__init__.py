"""Character encodings of documents: declared, detected or guessed. Pure."""
