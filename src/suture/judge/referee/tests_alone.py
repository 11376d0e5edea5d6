"""Whether a task's tests can run at all, found with no program near them, so that no program has a say in it.

What only a program could tell stays undecided: a name that neither Python nor the tests define may be the
answer's to give.
"""

import ast
import importlib
import inspect
import json
from functools import lru_cache
from typing import Any

from suture.judge.referee.test_sources import LENT_MODULES, UNREADABLE, compiled, labelled_sources, mentioned, sources

_DETAIL = 200


class BrokenTests(Exception):
    """The tests cannot be judged, whatever the program is; the message names what is broken in them."""


def ensure_readable(job: dict[str, Any]) -> None:
    """Raises ``BrokenTests`` when a source of the task does not compile."""
    for label, source in labelled_sources(job):
        try:
            compiled(source)
        except UNREADABLE as error:
            raise BrokenTests(f"{label} cannot be compiled: {_described(error)}") from None


def ensure_runnable(job: dict[str, Any]) -> None:
    """Run what needs no program. To be asked when a program did not pass: its tests may be to blame.

    Raises:
        BrokenTests: they fail by themselves.
    """
    tests = job["tests"]
    if tests["kind"] == "calls":
        why = _unreadable_case(tests["cases"])
    else:
        why = _why_not(job["prelude"], tests["kind"], tuple(sources(tests)))
    if why:
        raise BrokenTests(why)


def namespace(prelude: str, names: frozenset[str]) -> dict[str, Any]:
    """Make the namespace of tests, before any program lends it a name. Chance is fixed for those that use it."""
    space: dict[str, Any] = {"__name__": "tests"}
    if prelude:
        exec(compiled(prelude), space)  # noqa: S102 - trusted, from the task
    for name in names & LENT_MODULES:
        space.setdefault(name, importlib.import_module(name))
    if "random" in names:
        importlib.import_module("random").seed(0)
    return space


def unfit(check: Any) -> str:
    """Why ``check`` cannot test an answer, or nothing."""
    if check is None:
        return "the tests define no check(candidate)"
    if not callable(check):
        return f"check is no function but of type {type(check).__name__}"
    if inspect.iscoroutinefunction(check) or inspect.isgeneratorfunction(check) or inspect.isasyncgenfunction(check):
        return "check is asynchronous or a generator: calling it runs no test"
    try:
        inspect.signature(check).bind(None)
    except TypeError as error:
        return f"check cannot be called with the answer alone: {error}"
    return ""


@lru_cache(maxsize=256)
def _why_not(prelude: str, kind: str, texts: tuple[str, ...]) -> str:
    """Why these tests fail by themselves, or nothing."""
    try:
        space = namespace(prelude, mentioned(texts))
    except BaseException as error:  # whatever trusted source raises, it raises without any program
        return f"the prelude cannot run: {_described(error)}"
    if kind == "check":
        return _failure_of_check(texts[0], space)
    if kind == "assertions":
        return _failure_of_setup(texts[0], space) or next((why for why in map(_missing_import, texts[1:]) if why), "")
    return ""


def _failure_of_check(source: str, space: dict[str, Any]) -> str:
    try:
        exec(compiled(source), space)  # noqa: S102 - trusted, from the task
    except NameError as error:
        return unfit(None) if error.name == "check" else ""
    except BaseException as error:  # as above
        return f"the tests cannot run: {_described(error)}"
    return unfit(space.get("check")) or _missing_import(source)


def _failure_of_setup(source: str, space: dict[str, Any]) -> str:
    try:
        exec(compiled(source), space)  # noqa: S102 - trusted, from the task
    except NameError:
        return ""
    except BaseException as error:  # as above
        return f"the setup cannot run: {_described(error)}"
    return ""


def _missing_import(source: str) -> str:
    """An import that every run meets, of something that is not there."""
    body = ast.parse(source).body
    for check in [node for node in body if isinstance(node, ast.FunctionDef) and node.name == "check"]:
        body += check.body
    for node in body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            try:
                exec(compile(ast.Module([node], []), "<tests>", "exec"), {})  # noqa: S102 - trusted, from the task
            except BaseException as error:  # as above
                return f"the tests cannot run: {_described(error)}"
    return ""


def _unreadable_case(cases: list[dict[str, Any]]) -> str:
    for number, case in enumerate(cases, 1):
        for text in (*case["arguments"], case["expected"]):
            try:
                json.loads(text)
            except (ValueError, RecursionError) as error:
                return f"case {number} is no JSON: {_described(error)}"
    return ""


def _described(error: BaseException) -> str:
    line = f" (line {error.lineno})" if isinstance(error, SyntaxError) and error.lineno else ""
    message = error.msg if isinstance(error, SyntaxError) else str(error)
    return f"{type(error).__name__}: {' '.join(message.split())}"[:_DETAIL].rstrip(": ") + line
