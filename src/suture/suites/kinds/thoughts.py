"""Reasoning that a model writes before its answer, between ``<think>`` and ``</think>`` or their like."""

import re

_OPEN = re.compile(r"\s*(?:[`~]{3}[^\n]*\n\s*)?<(think|thinking|thought|reasoning)>", re.IGNORECASE)
_CLOSE = re.compile(r"</(think|thinking|thought|reasoning)>", re.IGNORECASE)
_CLOSE_ALONE = re.compile(rf"^[^\S\n]*{_CLOSE.pattern}[^\S\n]*$", re.IGNORECASE | re.MULTILINE)


def after_thoughts(text: str) -> str | None:
    """Return what follows the reasoning; ``text`` itself where there is none; None where it never ends.

    A template may have opened the reasoning already: then the answer has only its end, on a line of its own.
    """
    opened = _OPEN.match(text) is not None
    end = max((mark.end() for mark in (_CLOSE if opened else _CLOSE_ALONE).finditer(text)), default=None)
    if end is None:
        return None if opened else text
    return text[end:]
