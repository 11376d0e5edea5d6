"""A task: what is asked, how the answer is tested, and what it may cost."""

from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from suture.core.digest import digest_of
from suture.core.frozen import Frozen


class Message(Frozen):
    role: Literal["system", "user", "assistant"]
    content: str


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


Tests = Annotated[CheckFunction | Assertions | StdinCases | CallCases, Field(discriminator="kind")]


class Task(Frozen):
    """One benchmark task. ``digest`` names its content; ``id`` is only how people call it.

    Attributes:
        id: the official name, such as ``HumanEval/23`` or ``MBPP/41``.
        suite: the suite it came from, such as ``humaneval``.
        messages: the chat that asks for the answer, without the opened answer.
        answer_prefix: what the assistant's turn is opened with (a code fence).
        stop: generation ends before the first of these.
        prelude: trusted source from the prompt (imports, helper functions). Runs before the
            answer in the candidate's program, and before the tests on the referee's side.
        stub: the signature and docstring an answer may continue from, or empty.
        entry_point: the name the tests call.
        tests: the tests themselves; never shown to the candidate's process.
        reference: the official solution as a whole program, or None.
        tags: for breakdowns in reports.
    """

    id: str
    suite: str
    messages: tuple[Message, ...]
    answer_prefix: str = "```python\n"
    stop: tuple[str, ...] = ("\n```",)
    prelude: str = ""
    stub: str = ""
    entry_point: str
    tests: Tests
    reference: str | None = None
    limits: Limits = Limits()
    official_split: str | None = None
    origin: str = ""
    licence: str = ""
    tags: tuple[str, ...] = ()

    @cached_property
    def content_digest(self) -> str:
        """What is asked and how it is tested: equal for the same task under two ids or in two suites.

        Contamination between splits is decided by this digest, never by the id.
        """
        return digest_of(
            {
                "ask": [" ".join(message.content.split()) for message in self.messages if message.role == "user"],
                "tests": self.tests.model_dump(mode="json"),
            }
        )
