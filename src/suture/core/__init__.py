"""Types and decisions. Pure: nothing here reads a file, starts a process or looks at a clock."""

from suture.core.moved import keep_old_names

keep_old_names()
