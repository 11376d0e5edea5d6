"""Reasoning that a model writes before its answer, between ``<think>`` and ``</think>`` or their like."""

import re

_OPEN = re.compile(r"\s*(?:[`~]{3}[^\n]*\n\s*)?<(think|thinking|thought|reasoning)>", re.IGNORECASE)
_CLOSE = re.compile(r"</(think|thinking|thought|reasoning)>", re.IGNORECASE)


def after_thoughts(text: str) -> str | None:
    """Return what follows the reasoning; ``text`` itself where there is none; None where it never ends.

    A template may have opened the reasoning already: then the answer has only its end, on a line of its own.
    """
    opened = _OPEN.match(text)
    closes = list(_CLOSE.finditer(text))
    if opened is None:
        closes = [mark for mark in closes if _alone_on_its_line(text, mark)]
        return text[closes[-1].end() :] if closes else text
    return text[closes[-1].end() :] if closes else None


def _alone_on_its_line(text: str, mark: re.Match[str]) -> bool:
    before = text[: mark.start()].rpartition("\n")[2]
    after = text[mark.end() :].partition("\n")[0]
    return not before.strip() and not after.strip()
