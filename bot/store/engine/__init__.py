"""The database file: connections, transactions, batches, migrations.

One connection writes, others read. To change the schema, add a migration and change `bot.store.schema`; tests compare the two.
"""
