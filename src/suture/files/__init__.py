"""Files that appear whole or not at all, and are not believed before they are checked."""

from suture.core.moved import keep_old_names

keep_old_names()
