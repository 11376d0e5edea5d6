"""Running a task's tests against a remote program: the only place where a pass is decided."""

import json
from typing import Any, cast

from suture.judge.referee.conversation import Broken, Conversation
from suture.judge.referee.referee_report import FailedCheck
from suture.judge.referee.remote import Remote, Unreadable, UnsupportedTest
from suture.judge.referee.stand_ins import NotPlainData
from suture.judge.referee.test_sources import before_the_answer, compiled, mentioned, sources
from suture.judge.referee.tests_alone import namespace, unfit
from suture.judge.referee.worker_process import WorkerLost

_DETAIL = 200


def failure_of_tests(job: dict[str, Any], conversation: Conversation, wanted: list[str]) -> FailedCheck | None:
    """None only when every test ran to its end on plain data and the conversation never broke.

    Raises:
        UnsupportedTest: the tests themselves cannot be judged here.
    """
    remote = Remote(conversation)
    method = job["entry_point"] if job["tests"]["kind"] == "calls" else None
    load = {"prelude": before_the_answer(job), "program": job["program"], "names": wanted, "method": method}
    try:
        lent = remote.load(load)
        if job["entry_point"] not in lent:
            return FailedCheck("no-answer", f"the program does not define {job['entry_point']}")
        _TESTS[job["tests"]["kind"]](job, lent)
    except (UnsupportedTest, WorkerLost):
        raise
    except BaseException as error:
        return conversation.failure or _failure_of(error)
    return conversation.failure


def _failure_of(error: BaseException) -> FailedCheck:  # noqa: PLR0911 - one for each reason
    own = getattr(error, "from_answer", None)
    match error:
        case Broken():
            return error.failure
        case Unreadable():
            return FailedCheck("syntax", _line(error))
        case _ if own == "MemoryError" or isinstance(error, MemoryError):
            return FailedCheck("memory", "out of memory")
        case _ if own is not None:
            return FailedCheck("exception", f"{own}: {_line(error)}")
        case AssertionError():
            return FailedCheck("wrong", _line(error) or "an assertion does not hold")
        case NotPlainData():
            return FailedCheck("wrong", _line(error))
        case NameError():
            return FailedCheck("exception", _line(error))
        case _:
            return FailedCheck("wrong", f"the tests could not use the answer: {type(error).__name__}: {_line(error)}")


def _line(error: BaseException) -> str:
    text = error.args[0] if error.args else ""
    return " ".join(text.split())[:_DETAIL] if type(text) is str else ""


def _namespace(job: dict[str, Any], lent: dict[str, Any]) -> dict[str, Any]:
    """Where the tests run. What the task's own prelude defines is not replaced by the program's."""
    space = namespace(job["prelude"], mentioned(sources(job["tests"])))
    for name, value in lent.items():
        space.setdefault(name, value)
    space[job["entry_point"]] = lent[job["entry_point"]]
    return space


def _run_check(job: dict[str, Any], lent: dict[str, Any]) -> None:
    space = _namespace(job, lent)
    exec(compiled(job["tests"]["source"]), space)  # noqa: S102 - trusted, from the task
    check: Any = space.get("check")
    if why := unfit(check):
        raise TypeError(why)
    check(lent[job["entry_point"]])


def _run_assertions(job: dict[str, Any], lent: dict[str, Any]) -> None:
    space = _namespace(job, lent)
    for statement in sources(job["tests"]):
        try:
            exec(compiled(statement), space)  # noqa: S102 - trusted, from the task
        except AssertionError as error:
            if not error.args:
                error.args = (statement.strip(),)
            raise


def _run_calls(job: dict[str, Any], lent: dict[str, Any]) -> None:
    for number, case in enumerate(job["tests"]["cases"], 1):
        arguments = [json.loads(text) for text in case["arguments"]]
        answer = lent[job["entry_point"]](*arguments)
        if type(answer) is tuple:
            answer = list(cast("tuple[Any, ...]", answer))
        if not bool(answer == json.loads(case["expected"])):
            raise AssertionError(f"case {number} is wrong")


def _run_data(job: dict[str, Any], lent: dict[str, Any]) -> None:
    """The answer is sent as an argument; what comes back is compared by the task's own rule.

    The runner raises SyntaxError where the answer is not of the form that it reads.
    """
    tests = job["tests"]
    space: dict[str, Any] = {"__name__": "tests"}
    exec(compiled(tests["compare"]), space)  # noqa: S102 - trusted, from the task
    runner = lent[job["entry_point"]]
    try:
        results = [runner(json.loads(text), job["answer"]) for text in tests["arguments"]]
    except SyntaxError as error:
        raise Unreadable(_line(error)) from None
    space["compare"](json.loads(tests["expected"]), results)


_TESTS = {"check": _run_check, "assertions": _run_assertions, "calls": _run_calls, "data": _run_data}
