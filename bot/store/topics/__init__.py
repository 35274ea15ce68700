"""Topics, subscriptions, filters, servers and imports.

Options of topics are one JSON column, which `store.schema.row_mapping` reads: a new option needs no migration.
"""
