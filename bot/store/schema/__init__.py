"""Tables, and how rows become values of the model.

To change a table, change `tables` or `personal_tables`, and add a migration; a test compares the two.
"""
