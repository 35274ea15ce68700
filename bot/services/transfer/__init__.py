"""Import and export of feed lists.

`importer` stores a list, `import_checks` tries one feed of it, `import_report` words the result, `exporter` writes OPML.
`jobs.feed_import_loop` works the lists off.
"""
