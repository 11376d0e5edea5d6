"""Judges answers before they are given: by their kind's own rule, or in the judge's sandbox, off the event loop."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from suture.core.measure.attempt import Completion
from suture.core.measure.task import Task
from suture.core.measure.verdict import Outcome, Reason, Verdict
from suture.core.plan.ports import Judge
from suture.suites.kinds import decided, kind_of


class Examiner(Protocol):
    async def verdict(self, test: Task, completion: Completion) -> Verdict:
        """What the check of a prompt says of an answer. A fault is a verdict."""
        ...


class JudgingExaminer:
    """``judge``: for kinds whose answers are run; None where none of them is served. It judges one program at a time,
    since its lanes are not for two callers at once."""

    def __init__(self, judge: Judge | None = None) -> None:
        self._judge = judge
        self._alone = ThreadPoolExecutor(1, thread_name_prefix="examiner")

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
