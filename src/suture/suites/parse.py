"""Parses somebody else's Python."""

import ast
import re
import warnings


def parse(source: str) -> ast.Module:
    """``ast.parse`` without what Python has to say about style, such as ``"\\w"``: a warning is no verdict on a row.

    Raises:
        SyntaxError, ValueError: no Python.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(source)


def python_lines(source: str) -> list[str]:
    """Lines with their ends, as Python counts them: form feeds and Unicode's line separators end none."""
    return re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", source)
