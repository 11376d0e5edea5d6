"""Questions that Suture brings along for routers to learn from: those of no trade, as ``unknown``, and those of a
trade."""

import re
from functools import cache
from importlib.resources import files

_CHOICE = re.compile(r"\{([^{}]*)\}")
_OF_KINDS = {"sql": "sql.txt"}
"""Kinds whose questions say too little of their trade to be learned from a few examples."""


@cache
def everyday_questions() -> tuple[str, ...]:
    """All of them, in the same order everywhere."""
    return _written_in("everyday.txt")


@cache
def questions_of_kind(kind: str) -> tuple[str, ...]:
    """Questions of one sort of job; none where a route's own examples do."""
    return _written_in(_OF_KINDS[kind]) if kind in _OF_KINDS else ()


def _written_in(file: str) -> tuple[str, ...]:
    lines = files("suture.router").joinpath(file).read_text(encoding="utf-8").splitlines()
    written = [line for line in lines if line.strip() and not line.startswith("#")]
    return tuple(dict.fromkeys(question for line in written for question in spelled_out(line)))


def spelled_out(line: str) -> list[str]:
    """A line for each word of its longest ``{a|b|c}``; the other choices take turns beside it, so that no line becomes
    hundreds."""
    choices = [found.split("|") for found in _CHOICE.findall(line)]
    count = max((len(choice) for choice in choices), default=1)
    lines: list[str] = []
    for number in range(count):
        words = iter(choice[(number + at) % len(choice)] for at, choice in enumerate(choices))
        lines.append(_CHOICE.sub(lambda _, words=words: next(words), line))
    return lines
