"""Files of other harnesses: their samples, their results, their rules. One file a harness, one row in ``table.py``."""
