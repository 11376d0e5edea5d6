"""What lasts: the SQLite ledger of everything that was measured, and where everything lies."""

from suture.core.moved import keep_old_names

keep_old_names()
