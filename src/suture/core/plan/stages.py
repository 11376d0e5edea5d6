"""The stages of a run, and the typed result that each leaves in the ledger."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from suture.core.frozen import Frozen
from suture.core.gate.anchors import AnchorsKept
from suture.core.gate.gate_report import Decision
from suture.core.measure.attempt import EngineIdentity
from suture.core.measure.engine_choice import EngineChoice
from suture.core.measure.policy import Policy
from suture.core.measure.scoreboard import BrokenTask
from suture.core.model.adapter_records import AdapterRecord, MergeRecord
from suture.core.model.base import BaseRecord
from suture.core.model.pack_manifest import PackManifest
from suture.core.model.scaling import ScaleChoice
from suture.core.plan.cell_results import CellResult
from suture.core.teach.dataset import DatasetManifest
from suture.core.teach.own_answers import OwnAnswersSummary
from suture.core.teach.rehearsal import QuestionsSummary, RehearsalSummary

R = TypeVar("R", bound=Frozen)


@dataclass(frozen=True)
class StageOf(Generic[R]):
    """A stage's name, as the ledger has it, and the type of its result."""

    name: str
    result: type[R]


class CheckDone(Frozen):
    """``broken``: tasks whose own tests cannot run; they are measured by no later stage."""

    broken: tuple[BrokenTask, ...]


class BaseDone(Frozen):
    """``pack``: SHA-256 of the baseline's file, which lies at ``path``, relative to the store."""

    pack: str
    path: str
    record: BaseRecord


class EngineDone(Frozen):
    """Which engine measures both sides. ``why`` is empty where the recipe names it."""

    choice: EngineChoice
    identity: EngineIdentity
    why: str = ""


class BenchDone(Frozen):
    """A pack (SHA-256) was measured. ``afresh``: ids of the tasks alone that were, where not all were."""

    pack: str
    faults: int
    afresh: tuple[str, ...] = ()


class ScaleDone(ScaleChoice):
    """``of``: SHA-256 of the adapter that was trained; ``on``: digest of the scoreboard that the choice was made on;
    ``adapter``: the one to merge."""

    of: str
    on: str
    adapter: AdapterRecord


class PolicyDone(Frozen):
    """What is gated and served, where it is more than the repaired pack. ``sha256``: of the policy's file."""

    sha256: str
    policy: Policy


class GateDone(Frozen):
    """``report``: digest of the gate report; ``boards``: digests of the scoreboards it was made from, in order.
    Ledgers of the first schema lack what has a default."""

    decision: Decision
    report: str = ""
    boards: tuple[str, ...] = ()
    protected: int
    kept: int
    anchors: AnchorsKept | None = None
    repaired: int


class PromoteDone(Frozen):
    """How the run ended. A gate's PROMOTE may end as a HOLD, where another run moved the champion first."""

    decision: Decision
    reasons: tuple[str, ...]


CHECK = StageOf("check", CheckDone)
BASE = StageOf("base", BaseDone)
ENGINE = StageOf("engine", EngineDone)
BENCH = StageOf("bench", BenchDone)
SAMPLE = StageOf("sample", OwnAnswersSummary)
REHEARSE = StageOf("rehearse", RehearsalSummary)
QUESTIONS = StageOf("questions", QuestionsSummary)
HARVEST = StageOf("harvest", DatasetManifest)
TRAIN = StageOf("train", AdapterRecord)
SCALE = StageOf("scale", ScaleDone)
MERGE = StageOf("merge", MergeRecord)
PACK = StageOf("pack", PackManifest)
POLICY = StageOf("policy", PolicyDone)
GATE_BENCH = StageOf("gate-bench", BenchDone)
HIDDEN = StageOf("hidden", BenchDone)
GATE = StageOf("gate", GateDone)
PROMOTE = StageOf("promote", PromoteDone)
EXPERIMENT = StageOf("experiment", CellResult)

ENDS: tuple[StageOf[Any], ...] = (PROMOTE, EXPERIMENT)
"""Stages after which a run has its result, and is kept for good, whatever the result was."""


def draw_stage(number: int) -> StageOf[BenchDone]:
    """The ``number``-th sampling of the baseline's passes, from 1."""
    return StageOf(f"draw {number}", BenchDone)


def repeat_stage(side: str, number: int) -> StageOf[BenchDone]:
    """The ``number``-th repeated measurement of ``baseline`` or ``candidate``, from 1."""
    return StageOf(f"gate-repeat {side} {number}", BenchDone)
