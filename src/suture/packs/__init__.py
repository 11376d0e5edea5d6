"""Models as files: bases made ready, adapters taken in, packs written and checked. None of it needs torch."""
