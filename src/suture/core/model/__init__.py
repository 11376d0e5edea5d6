"""Bases, adapters, packs and their proof, and which pack a name points at."""
