"""Use cases of sources: subscribing, managing, starter packs, the ingest of documents."""
