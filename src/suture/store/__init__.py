"""What lasts: files that appear whole or not at all, and the SQLite ledger of everything that was measured."""
