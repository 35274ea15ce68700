"""Tables, and how rows become values of the model."""
