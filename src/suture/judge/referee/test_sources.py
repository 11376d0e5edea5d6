"""The source texts of a task's tests: compiled once, and the names they mention. Nothing is run here."""

import builtins
from collections.abc import Iterable, Iterator
from functools import lru_cache
from types import CodeType
from typing import Any

LENT_MODULES = frozenset(
    (
        "bisect", "cmath", "collections", "copy", "datetime", "decimal", "fractions", "functools", "heapq",
        "itertools", "math", "operator", "random", "re", "statistics", "string", "sys",
    )
)  # fmt: skip
"""Official tests lean on the answer's imports (MBPP/596 reads ``sys``); these are not the answer's to give."""

_KNOWN = frozenset(dir(builtins)) | LENT_MODULES
UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError)
"""What ``compiled`` raises for a source that is no Python."""


def sources(tests: dict[str, Any]) -> list[str]:
    """Return the tests' sources in the order they run."""
    match tests["kind"]:
        case "check":
            return [tests["source"]]
        case "assertions":
            return [tests["setup"], *tests["statements"]]
        case _:
            return []


def before_the_answer(job: dict[str, Any]) -> str:
    """The source that runs before a program, in the sandbox: what the task brings, and what a prompt shows."""
    return "\n".join(filter(None, (job["prelude"], job["given"])))


def labelled_sources(job: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Each source of a job that is trusted, and what a person calls it."""
    yield "the prelude", job["prelude"]
    tests = job["tests"]
    if tests["kind"] == "check":
        yield "the tests", tests["source"]
    if tests["kind"] == "data":
        yield "the runner", tests["runner"]
        yield "the comparison", tests["compare"]
    if tests["kind"] == "assertions":
        yield "the setup", tests["setup"]
        yield from ((f"test {number}", statement) for number, statement in enumerate(tests["statements"], 1))


def names_wanted(tests: dict[str, Any], entry_point: str) -> list[str]:
    """The names a program may lend to the tests: what they mention and neither Python nor a test must define."""
    if tests["kind"] == "calls":
        return [entry_point, "Solution"]
    if tests["kind"] == "data":
        return [entry_point]
    return [entry_point, *sorted(mentioned(sources(tests)) - _KNOWN - {entry_point, "check"})]


def mentioned(texts: Iterable[str]) -> frozenset[str]:
    """Global names and attributes in these sources, nested functions included."""
    return frozenset[str]().union(*map(_mentioned, texts))


@lru_cache(maxsize=4096)
def _mentioned(source: str) -> frozenset[str]:
    names: set[str] = set()
    codes = [compiled(source)]
    while codes:
        code = codes.pop()
        names.update(code.co_names)
        codes += [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    return frozenset(names)


@lru_cache(maxsize=4096)
def compiled(source: str) -> CodeType:
    """A source of the task as code, compiled once whoever asks. Raises one of ``UNREADABLE``."""
    # optimize=0: whatever flags this interpreter was given, an assertion is an assertion.
    return compile(source, "<tests>", "exec", dont_inherit=True, optimize=0)
