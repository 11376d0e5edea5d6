"""Running a task's tests against a remote program: the only place where a pass is decided."""

import ast
import builtins
import sys
from functools import lru_cache
from types import CodeType
from typing import Any

from suture.judge.referee.conversation import Broken, Conversation
from suture.judge.referee.remote import NotPlainData, Remote, Unreadable, UnsupportedTest
from suture.judge.referee.report import Failure

_DETAIL = 200


def names_wanted(tests: dict[str, Any], entry_point: str, prelude: str) -> list[str]:
    """The names a program must lend to the tests: what they read and nobody trusted defines."""
    wanted = [entry_point]
    if tests["kind"] == "calls":
        return [*wanted, "Solution"]
    if tests["kind"] == "assertions":
        source = "\n".join([tests["setup"], *tests["statements"]])
        wanted += [name for name in _free(source) if name not in wanted and name not in _bound(prelude)]
    elif tests["kind"] == "check":
        wanted += [name for name in _free(tests["source"]) if name not in wanted and name not in _bound(prelude)]
    return wanted


@lru_cache(maxsize=4096)
def _free(source: str) -> tuple[str, ...]:
    reads = {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name) and _is_read(node)}
    known = _bound(source) | set(dir(builtins)) | set(sys.stdlib_module_names)
    return tuple(sorted(reads - known))


def _is_read(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Load)


@lru_cache(maxsize=4096)
def _bound(source: str) -> frozenset[str]:
    """Every name the source binds anywhere: assigned, defined, imported or a parameter."""
    bound: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name) and not _is_read(node):
            bound.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            bound.add(node.name)
        elif isinstance(node, ast.alias):
            bound.add((node.asname or node.name).split(".")[0])
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            bound.add(node.name)
    return frozenset(bound)


@lru_cache(maxsize=4096)
def _compiled(source: str, name: str) -> CodeType:
    # optimize=0: whatever flags this interpreter was given, an assertion is an assertion.
    return compile(source, name, "exec", dont_inherit=True, optimize=0)


@lru_cache(maxsize=4096)
def _modules_read(source: str) -> tuple[str, ...]:
    """Standard modules the tests name without importing them: official tests lean on the answer's imports."""
    reads = {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name) and _is_read(node)}
    return tuple(sorted((reads & set(sys.stdlib_module_names)) - _bound(source)))


def failure_of_tests(job: dict[str, Any], conversation: Conversation, wanted: list[str]) -> Failure | None:
    """None only when every test ran to its end on plain data and the conversation never broke.

    Raises:
        UnsupportedTest: the tests themselves cannot be judged here.
    """
    remote = Remote(conversation)
    method = job["entry_point"] if job["tests"]["kind"] == "calls" else None
    load = {"prelude": job["prelude"], "program": job["program"], "names": wanted, "method": method}
    try:
        lent = remote.load(load)
        if job["entry_point"] not in lent:
            return Failure("no-answer", f"the program does not define {job['entry_point']}")
        _TESTS[job["tests"]["kind"]](job, lent)
    except UnsupportedTest:
        raise
    except BaseException as error:
        return conversation.failure or _failure_of(error)
    return conversation.failure


def _failure_of(error: BaseException) -> Failure:
    own = getattr(error, "from_answer", None)
    match error:
        case Broken():
            return error.failure
        case Unreadable():
            return Failure("syntax", _line(error))
        case _ if own == "MemoryError" or isinstance(error, MemoryError):
            return Failure("memory", "out of memory")
        case _ if own is not None:
            return Failure("exception", f"{own}: {_line(error)}")
        case AssertionError():
            return Failure("wrong", _line(error) or "an assertion does not hold")
        case NotPlainData():
            return Failure("wrong", _line(error))
        case NameError():
            return Failure("exception", _line(error))
        case _:
            return Failure("wrong", f"the tests could not use the answer: {type(error).__name__}: {_line(error)}")


def _line(error: BaseException) -> str:
    text = error.args[0] if error.args else ""
    return " ".join(text.split())[:_DETAIL] if type(text) is str else ""


def _namespace(job: dict[str, Any], source: str, lent: dict[str, Any]) -> dict[str, Any]:
    space: dict[str, Any] = {"__name__": "tests"}
    if job["prelude"]:
        exec(_compiled(job["prelude"], "<prelude>"), space)  # noqa: S102 - trusted, from the task
    for name in _modules_read(source):
        space.setdefault(name, __import__(name))
    space.update(lent)
    return space


def _run_check(job: dict[str, Any], lent: dict[str, Any]) -> None:
    source = job["tests"]["source"]
    space = _namespace(job, source, lent)
    exec(_compiled(source, "<tests>"), space)  # noqa: S102 - trusted, from the task
    space["check"](lent[job["entry_point"]])


def _run_assertions(job: dict[str, Any], lent: dict[str, Any]) -> None:
    tests = job["tests"]
    space = _namespace(job, "\n".join([tests["setup"], *tests["statements"]]), lent)
    for statement in (tests["setup"], *tests["statements"]):
        try:
            exec(_compiled(statement, "<tests>"), space)  # noqa: S102 - trusted, from the task
        except AssertionError as error:
            if not error.args:
                error.args = (statement.strip(),)
            raise


def _run_calls(job: dict[str, Any], lent: dict[str, Any]) -> None:
    import json

    for number, case in enumerate(job["tests"]["cases"], 1):
        arguments = [json.loads(text) for text in case["arguments"]]
        answer = lent[job["entry_point"]](*arguments)
        if type(answer) is tuple:
            answer = list(answer)
        if not bool(answer == json.loads(case["expected"])):
            raise AssertionError(f"case {number} is wrong")


_TESTS = {"check": _run_check, "assertions": _run_assertions, "calls": _run_calls}
