"""Judges answers before they are given: by their kind's own rule, or in the judge's sandbox, off the event loop."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from suture.core.measure.attempt import Completion
from suture.core.measure.task import Task
from suture.core.measure.verdict import Outcome, Reason, Verdict
from suture.core.plan.ports import Judge
from suture.suites.kinds import KINDS, decided, kind_of


class Examiner(Protocol):
    async def verdict(self, test: Task, completion: Completion) -> Verdict:
        """What the check of a prompt says of an answer. A fault is a verdict."""
        ...


class JudgingExaminer:
    """``open_judge``: for kinds whose answers are run; called when one is first served. The judge is asked one program
    at a time, since its lanes are not for two callers at once."""

    def __init__(self, open_judge: Callable[[], Judge] | None = None) -> None:
        self._open, self._judge = open_judge, None
        self._opening = threading.Lock()
        self._alone = ThreadPoolExecutor(1, thread_name_prefix="examiner")

    def prepare(self, kind: str) -> None:
        """Have what answers of a kind are judged with.

        Raises:
            SutureError: they are run, and there is no sandbox.
        """
        if kind not in KINDS or not KINDS[kind].sandboxing or self._open is None:
            return
        with self._opening:
            self._judge = self._judge or self._open()

    async def verdict(self, test: Task, completion: Completion) -> Verdict:
        """See the port."""
        return await asyncio.get_running_loop().run_in_executor(self._alone, self._verdict, test, completion)

    def _verdict(self, test: Task, completion: Completion) -> Verdict:
        found = decided(test, completion)
        if not isinstance(found, Verdict):
            found = self._run(found.task, found.program)
        return kind_of(test).settle(completion, found)

    def _run(self, task: Task, program: str) -> Verdict:
        if self._judge is None:
            return Verdict(outcome=Outcome.FAULT, reason=Reason.FAULT, detail="no judge was opened")
        verdicts = [verdict for _, verdict in self._judge.judge([(task, program)])]
        if not verdicts:
            return Verdict(outcome=Outcome.FAULT, reason=Reason.FAULT, detail="the judge lost the program")
        return verdicts[0]

    def close(self) -> None:
        """Waits for the program that is being judged."""
        self._alone.shutdown(cancel_futures=True)
        if self._judge is not None:
            self._judge.close()
