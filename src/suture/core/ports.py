"""What the loop needs from the outside world, as protocols. Only the CLI chooses what stands behind them."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from suture.core.attempt import Completion, EngineIdentity, Request, Sampling
from suture.core.task import Task
from suture.core.verdict import JudgeIdentity, Verdict


class Generator(Protocol):
    """Generates text with one pack.

    Law: with temperature 0 the same requests in the same order give the same completions.
    """

    @property
    def identity(self) -> EngineIdentity: ...

    def generate(self, requests: Sequence[Request], sampling: Sampling) -> Iterator[tuple[int, Completion]]:
        """Yield ``(index into requests, completion)`` once for each request, in any order.

        Raises:
            Fault: the engine itself failed.
        """
        ...

    def close(self) -> None: ...


class Judge(Protocol):
    """Says whether programs pass their task's tests.

    Law: equal submissions get verdicts with equal keys, however loaded the machine is.
    """

    @property
    def identity(self) -> JudgeIdentity: ...

    def judge(self, submissions: Sequence[tuple[Task, str]]) -> Iterator[tuple[int, Verdict]]:
        """Yield ``(index into submissions, verdict)`` once for each ``(task, program source)``, in any order.

        A program is the whole source: the task's prelude is put before it by the judge.
        Never raises for anything a program does; a FAULT is a verdict.
        """
        ...

    def close(self) -> None: ...


class Progress(Protocol):
    """Told how far a stage is. Does nothing by default; the CLI draws a bar."""

    def start(self, stage: str, total: int) -> None: ...

    def advance(self, done: int = 1, *, tokens: int = 0) -> None: ...

    def note(self, line: str) -> None: ...

    def finish(self) -> None: ...
