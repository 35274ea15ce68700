"""Turns a document (RSS, Atom, RDF, JSON Feed) into entries. Runs in worker processes; knows no network and no database.

To understand another date format, add it to `dates`. To repair another slip of XML, add it to `xml_repair`. Each has a test of its
name in tests/feeds/parsing.
"""
