"""The stages of a repair, and `heal`, which runs them all. Stages receive ports; only the CLI picks what is behind."""

from suture.core.moved import keep_old_names

keep_old_names()
