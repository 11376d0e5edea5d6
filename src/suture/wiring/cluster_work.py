"""What a node of a cluster is given to do its work with: called there, with that machine's own parts."""

import os
from importlib.metadata import version
from pathlib import Path

from suture.cluster.carried_files import FileCache
from suture.cluster.node_work import EngineWork, JudgeWork
from suture.core.measure.verdict import JudgeIdentity
from suture.core.plan.ports import Judge
from suture.judge import open_judge
from suture.store.home import Home
from suture.wiring.engines import TableEngines

CACHE_VARIABLE = "SUTURE_NODE_CACHE"


def node_cache() -> Path:
    """Where a node keeps what was sent to it: ``$SUTURE_NODE_CACHE``, else in the user's cache directory."""
    named = os.environ.get(CACHE_VARIABLE)
    if named:
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "suture"


def engine_work(gpus: int, *, shared: bool = True) -> EngineWork:
    """``shared``: take files that this node sees at the place they have on the machine that drives."""
    cache = node_cache()
    engines = TableEngines(Home(cache / "store"))
    return EngineWork(engines, FileCache(cache / "packs", shared=shared), ray=version("ray"), gpus=gpus)


def judge_work(lanes: int) -> JudgeWork:
    return JudgeWork(_open_judge, lanes, ray=version("ray"))


def _open_judge(asked: JudgeIdentity, lanes: int) -> Judge:
    return open_judge(workers=lanes, unsafe_local=asked.unsafe_local, level=asked.level)
