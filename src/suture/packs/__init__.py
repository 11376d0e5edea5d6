"""Models as files: bases prepared, adapters imported, packs written and checked. None of it needs torch."""

from suture.core.moved import keep_old_names

keep_old_names()
