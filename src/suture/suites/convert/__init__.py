"""Other people's task files as rows of Suture's own form. One file a format, one row in ``table.py``."""
