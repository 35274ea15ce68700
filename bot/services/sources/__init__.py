"""Use cases of sources: subscribing, managing, starter packs, the ingest of documents.

`subscriptions` adds and removes sources, `source_management` changes them, `ingest` takes a document in, for polls and for
/subscribe alike. Knows the store and `feeds`.
"""
