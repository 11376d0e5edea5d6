"""How far a run is, from its directory, its lock and the ledger: other processes write them, this one only reads."""

import json
import time
from dataclasses import dataclass
from typing import Any, NamedTuple

from suture.core.gate.gate_report import Decision
from suture.core.plan.stages import PROMOTE
from suture.store.run_paths import RunPaths
from suture.store.store import Store

USUAL_STAGES = (
    "check",
    "base",
    "engine",
    "bench",
    "harvest",
    "train",
    "merge",
    "pack",
    "gate-bench",
    "gate",
    "promote",
)


class Look(NamedTuple):
    """How a stage is shown. ``says``: what it did, where its name does not say it."""

    sign: str
    style: str
    says: str = ""


_LOOKS = {"done": Look("✓", "gained"), "now": Look("▸", "hold"), "to come": Look("·", "kept")}
_ENDS = {
    Decision.PROMOTE: Look("✓", "gained", "promoted"),
    Decision.REJECT: Look("−", "lost", "not promoted: rejected"),
    Decision.HOLD: Look("?", "hold", "not promoted: held"),
}


@dataclass(frozen=True)
class Progress:
    """What a run in another process says of the stage it is at. ``left``: seconds, if they can be told."""

    stage: str
    done: int
    total: int
    rate: float
    left: float | None

    @property
    def share(self) -> float:
        return self.done / self.total if self.total else 0.0


@dataclass(frozen=True)
class StageLine:
    """Attributes:
    state: ``done``, ``now`` or ``to come``.
    record: number of the ledger's record.
    ended: what the last stage came to.
    look: a check mark only where the stage did what it is for.
    """

    name: str
    state: str
    seconds: float | None
    when: str = ""
    record: int | None = None
    ended: Decision | None = None

    @property
    def look(self) -> Look:
        return _ENDS[self.ended] if self.ended else _LOOKS[self.state]


@dataclass(frozen=True)
class RunState:
    """Attributes:
    running: a process is at it now.
    decision: how it ended; empty while it has not.
    """

    id: str
    name: str
    model: str
    created_at: str
    directory: str
    running: bool
    decision: str
    reasons: tuple[str, ...]
    stages: tuple[StageLine, ...]
    progress: Progress | None

    @property
    def word(self) -> str:
        return "running" if self.running else self.decision or "stopped"


def run_state(store: Store, entry: dict[str, Any], *, whole: bool = True) -> RunState:
    """``whole``: with its stages; a list of runs needs none."""
    run = entry["id"]
    running = store.locks.is_held(f"run {run}")
    paths = RunPaths(store.home.absolute(entry["directory"]))
    ended = store.ledger.result(run, PROMOTE)
    progress = _progress(paths) if running else None
    return RunState(
        id=run,
        name=entry["name"],
        model=entry["model"],
        created_at=entry["created_at"],
        directory=entry["directory"],
        running=running,
        decision="" if ended is None else ended.decision.value,
        reasons=() if ended is None else ended.reasons,
        stages=_stages(store, run, progress, ended=ended and ended.decision, running=running) if whole else (),
        progress=progress,
    )


def _stages(
    store: Store, run: str, progress: Progress | None, *, ended: Decision | None, running: bool
) -> tuple[StageLine, ...]:
    seconds = store.ledger.stage_seconds(run)
    done = store.ledger.stages(run)
    lines = [
        StageLine(name, "done", seconds.get(name), when, record, ended if name == PROMOTE.name else None)
        for name, when, record in done
    ]
    finished = {line.name for line in lines}
    rest = [name for name in USUAL_STAGES if name not in finished]
    if "promote" in finished or not rest:
        return tuple(lines)
    last = max((USUAL_STAGES.index(name) for name in finished if name in USUAL_STAGES), default=-1)
    rest = [name for name in rest if USUAL_STAGES.index(name) > last]
    now = rest[0] if running and rest else ""
    if progress is not None and progress.stage and progress.stage not in finished:
        now = progress.stage
        lines += [] if now in rest else [StageLine(now, "now", None)]
    return (*lines, *(StageLine(name, "now" if name == now else "to come", seconds.get(name)) for name in rest))


def _progress(paths: RunPaths) -> Progress | None:
    try:
        told = json.loads(paths.progress.read_text("utf-8"))
        done, total, elapsed = int(told["done"]), int(told["total"]), time.time() - float(told["began"])
        left = elapsed / done * (total - done) if done else None
        return Progress(str(told["stage"]), done, total, int(told["tokens"]) / max(0.001, elapsed), left)
    except (OSError, ValueError, KeyError, TypeError):
        return None
