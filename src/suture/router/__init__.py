"""Which route a prompt takes. Whoever serves, measures or explains asks the same function."""
