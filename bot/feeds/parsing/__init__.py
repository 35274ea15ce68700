"""Turns a document (RSS, Atom, RDF, JSON Feed) into entries. Runs in worker processes; knows no network and no database.

To understand another date format, add it to `dates` and a case to its test.
"""
