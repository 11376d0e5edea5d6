"""What nodes of a real cluster do in tests: a scripted engine and a real judge, which a plan has struck once.

The plan is a file that all processes see: at the n-th call of a method, whichever node makes it, one fault happens.
"""

import errno
import json
import os
import random
import signal
import tempfile
import threading
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fakes import FakeEngines, scripted_workshop
from scripted import ScriptedEngine

from suture.cluster.carried_files import FileCache
from suture.cluster.node_work import EngineWork, JudgeWork
from suture.core.measure.engine_choice import EngineChoice
from suture.judge import open_judge
from suture.wiring.cluster_work import _open_judge


def strike(root: Path, method: str) -> None:
    """Let happen what the plan says, if this call is the one."""
    if plan := due(root, method):
        happen(plan)


def due(root: Path, method: str) -> dict[str, Any] | None:
    """The plan, once: at the call that it means, or at the first one after it that may be struck."""
    plan = root / "plan.json"
    if not plan.exists():
        return None
    said = json.loads(plan.read_text())
    if said["method"] != method or _number(root / "calls") < said["at"] or os.getppid() == said.get("spared"):
        return None
    try:
        (root / "struck").touch(exist_ok=False)
    except FileExistsError:
        return None
    return said


def happen(said: dict[str, Any]) -> None:
    if said["kind"] == "slow":
        time.sleep(said["seconds"])
    elif said["kind"] == "full":
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "on this node")
    elif said["kind"] == "node":
        os.kill(os.getppid(), signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)
    elif said["kind"] == "process":
        os.kill(os.getpid(), signal.SIGKILL)
    elif said["kind"] == "other":
        os.kill(said["pid"], signal.SIGKILL)
        time.sleep(said.get("seconds", 0))


def _number(folder: Path) -> int:
    """Count this call: each number is taken once, by whatever process comes first."""
    folder.mkdir(exist_ok=True)
    number = len(list(folder.iterdir())) + 1
    while True:
        try:
            (folder / str(number)).touch(exist_ok=False)
        except FileExistsError:
            number += 1
        else:
            return number


class StruckEngine(EngineWork):
    root: Path

    def find(self, wanted):
        strike(self.root, "find")
        return super().find(wanted)

    def receive(self, wanted, name, at, data):
        strike(self.root, "receive")
        return super().receive(wanted, name, at, data)

    def answer(self, order, requests, sampling):
        strike(self.root, "answer")
        return super().answer(order, requests, sampling)


class StruckJudge(JudgeWork):
    """Is struck while its lane is at a program that runs for seconds."""

    root: Path

    def judge(self, submissions):
        if plan := due(self.root, "judge"):
            long = [(submissions[0][0], "import time\ntime.sleep(4)\n")]
            threading.Thread(target=super().judge, args=(long,), daemon=True).start()
            time.sleep(0.5)
            happen(plan)
        return super().judge(submissions)


def engine(root: Path, shared: bool, gpus: int) -> EngineWork:
    engines = scripted_workshop(root / f"node-{os.getppid()}").engines
    cache = FileCache(root / f"cache-{os.getppid()}", shared=shared)
    work = StruckEngine(engines, cache, ray=version("ray"))
    work.root = root
    return work


def judge(root: Path, lanes: int) -> JudgeWork:
    work = StruckJudge(_open_judge, lanes, ray=version("ray"))
    work.root = root
    return work


def local_judge():
    return open_judge(workers=1)


CHOICE = EngineChoice(name="scripted", threads=1, batch=32)


class Waits(ScriptedEngine):
    """Takes a log-normal time a batch, drawn by what is asked, and computes nothing."""

    def __init__(self, seconds: float, spread: float, batch: int) -> None:
        super().__init__(lambda prompt: "def f():\n    return 0", batch=batch)
        self._seconds, self._spread = seconds, spread

    def generate(self, requests, sampling):
        draw = random.Random(requests[0].prompt)
        time.sleep(self._seconds * draw.lognormvariate(-(self._spread**2) / 2, self._spread))
        return super().generate(requests, sampling)


def waiting(seconds: float, spread: float, batch: int, gpus: int) -> EngineWork:
    """A node's engine for measurements of everything but an engine."""
    root = Path(tempfile.mkdtemp(prefix="waits-"))
    engines = FakeEngines(lambda choice, pack: Waits(seconds, spread, batch), batch=batch)
    return EngineWork(engines, FileCache(root), ray=version("ray"))
