"""Text generation behind one port: every engine is a row of a table, and opened it is a ``Generator``."""

from suture.core.moved import keep_old_names

keep_old_names()
