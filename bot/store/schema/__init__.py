"""Tables, and how rows become values of the model.

To change a table, change `tables`, `personal_tables` or `poll_tables`, and add a migration; a test compares the two.
"""
