"""Tells whether a text that somebody wrote names a file or a directory here. A text that can be no path names none."""

import os
from pathlib import Path


def is_file(path: Path) -> bool:
    """As ``Path.is_file``, and false for a name that is too long or may not be looked at."""
    return os.path.isfile(path)  # noqa: PTH113


def is_directory(path: Path) -> bool:
    """As ``Path.is_dir``, and false for a name that is too long or may not be looked at."""
    return os.path.isdir(path)  # noqa: PTH112
