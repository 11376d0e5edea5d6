"""Suite ``extraction``: a text in, JSON by a given schema out."""
