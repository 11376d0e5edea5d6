"""Reasoning that a model writes before its answer, between ``<think>`` and ``</think>`` or their like."""

import re

_TAG = r"(?:seed:)?(?:think|thinking|thought|reasoning)"
_BEGINS = (rf"<{_TAG}>", r"\[THINK\]", r"<\|begin_of_thought\|>", r"(?:<\|start\|>assistant)?<\|channel\|>(?!final)")
_FINAL = r"<\|channel\|>final<\|message\|>"
_ENDS = (rf"</{_TAG}>", r"\[/THINK\]", r"<\|end_of_thought\|>", _FINAL)
"""Of DeepSeek, Qwen and many others; Seed; Magistral; Sky-T1; and gpt-oss, whose last channel is the answer."""
_OPEN = re.compile(rf"\s*(?:[`~]{{3}}[^\n]*\n\s*)?(?:{'|'.join(_BEGINS)})", re.IGNORECASE)
_CLOSE = re.compile("|".join(_ENDS), re.IGNORECASE)
_PROSE = r"(?![^\S\n]*(?:#|//))(?:[^\n`'\"]|(?<=\w)['\"](?=\w))*"
_CLOSE_ALONE = re.compile(rf"^{_PROSE}(?:{_CLOSE.pattern})[^\S\n]*$|{_FINAL}", re.IGNORECASE | re.MULTILINE)
"""At the end of a line without marks of quotation, that is no comment: what stands in a program ends no reasoning."""


def after_thoughts(text: str) -> str | None:
    """Return what follows the reasoning; ``text`` itself where there is none; None where it never ends.

    A template may have opened the reasoning already: then the answer has only its end, at the end of a line.
    """
    opened = _OPEN.match(text) is not None
    end = max((mark.end() for mark in (_CLOSE if opened else _CLOSE_ALONE).finditer(text)), default=None)
    if end is None:
        return None if opened else text
    return text[end:]
