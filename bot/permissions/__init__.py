"""Who may read and who may change what, by the rights that Discord gives a person in a channel."""
