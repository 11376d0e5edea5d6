"""The check of kind ``python``: a program passes its tests, in one of four forms, within its limits."""

from typing import Annotated, Any, Literal

from pydantic import Field

from suture.core.frozen import Frozen


class Limits(Frozen):
    """What one program may use. CPU time decides; the wall cap only ends what sleeps or waits."""

    cpu_s: float = Field(default=10.0, gt=0)
    wall_s: float = Field(default=60.0, gt=0)
    memory_mb: int = Field(default=512, gt=0)


class CheckFunction(Frozen):
    """HumanEval's form: ``source`` defines ``check(candidate)``, which asserts."""

    kind: Literal["check"] = "check"
    source: str


class Assertions(Frozen):
    """MBPP's form: ``setup`` is run, then each statement, in one namespace with the answer's names."""

    kind: Literal["assertions"] = "assertions"
    setup: str = ""
    statements: tuple[str, ...] = Field(min_length=1)


class StdinCase(Frozen):
    stdin: str
    stdout: str


class StdinCases(Frozen):
    """LiveCodeBench's ``stdin`` form: the whole program is run on each input and its output compared."""

    kind: Literal["stdin"] = "stdin"
    cases: tuple[StdinCase, ...] = Field(min_length=1)


class CallCase(Frozen):
    """JSON texts: one per argument, and the expected result."""

    arguments: tuple[str, ...]
    expected: str


class CallCases(Frozen):
    """LiveCodeBench's ``functional`` form: ``entry_point`` (a method of ``Solution``, or a function) is called."""

    kind: Literal["calls"] = "calls"
    cases: tuple[CallCase, ...] = Field(min_length=1)


class DataCalls(Frozen):
    """Tests on an answer that is data and no program: it never becomes part of a source.

    Attributes:
        runner: loaded in the sandbox as a program is. Its entry point is called with an argument and the answer.
        arguments: JSON texts, one a call.
        compare: defines ``compare(expected, results)``, which asserts. It runs where no answer reaches, on plain data.
        expected: a JSON text.
    """

    kind: Literal["data"] = "data"
    runner: str
    arguments: tuple[str, ...] = Field(min_length=1)
    compare: str
    expected: str = "null"


Tests = Annotated[CheckFunction | Assertions | StdinCases | CallCases | DataCalls, Field(discriminator="kind")]


class PythonCheck(Frozen):
    """Attributes:
    prelude: trusted source from the task (imports, helper functions). Runs before the answer in the candidate's
        program, and before the tests on the referee's side.
    given: the same from somebody's prompt, which nobody vouches for: it runs before the answer, and nowhere else.
    stub: the signature and docstring an answer may continue from, or empty.
    entry_point: the name the tests call; empty for a script.
    tests: the tests themselves; never shown to the candidate's process.
    """

    kind: Literal["python"] = "python"
    prelude: str = ""
    given: str = Field(default="", exclude_if=lambda value: not value)
    stub: str = ""
    entry_point: str = ""
    tests: Tests
    limits: Limits = Limits()

    @property
    def evidence(self) -> Any:
        """What decides, as plain JSON: equal for the same tests under two names."""
        return self.tests.model_dump(mode="json")
