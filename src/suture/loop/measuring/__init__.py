"""Packs asked and their answers judged: the instrument, and what is made of its readings."""
