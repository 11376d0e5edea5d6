"""What lasts: the SQLite ledger of everything that was measured, and where everything lies."""
