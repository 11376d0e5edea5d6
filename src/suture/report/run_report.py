"""What a report says."""

from pydantic import Field

from suture.core.frozen import Frozen
from suture.core.gate.anchors import AnchorsKept
from suture.core.gate.gate_report import GateReport
from suture.core.measure.served_counts import ServedCounts
from suture.core.measure.tools_by import ToolsBy
from suture.core.model.adapter_records import AdapterRecord
from suture.core.model.pack_manifest import PackManifest
from suture.core.model.registry_events import NumberedEvent, RegistryEvent
from suture.core.model.scaling import ScaleChoice
from suture.core.plan.recipe import Plan
from suture.core.teach.dataset import DatasetManifest
from suture.core.teach.own_answers import SampleCounts
from suture.report.changes import TaskChange


class Constraint(Frozen):
    """One condition of a sound run, and what was found."""

    name: str
    holds: bool
    found: str


class SettingsRow(Frozen):
    """One run of the same model name, for the table of settings against earlier runs."""

    run: str
    recipe: str
    created_at: str
    strategy: str
    rank: int
    alpha: int
    lr: float
    epochs: int
    rows: int
    scale: float
    quantisation: str
    adapter: str
    trainable_share: float
    final_loss: float
    final_kl: float | None
    anchors_kept: int
    anchors: int
    kept: AnchorsKept | None
    """None for runs of before the anchors were told apart."""
    repaired: int
    decision: str


class KeptFile(Frozen):
    name: str
    path: str
    sha256: str
    note: str = ""


class Timing(Frozen):
    """Wall seconds. ``overhead_share`` is what is left of the total after loading the model, generating, training and
    judging."""

    total_s: float
    stages: dict[str, float]
    kinds: dict[str, float]
    overhead_s: float
    overhead_share: float


class RunReport(Frozen):
    """Everything a run has to say for itself."""

    schema_version: int = 1
    run: str
    command: str
    created_at: str
    plan: Plan
    decision: str
    reasons: tuple[str, ...]
    gate: GateReport
    changes: dict[str, tuple[TaskChange, ...]]
    """By list of the gate report."""
    anchors: AnchorsKept
    samples: SampleCounts | None
    rewrites: SampleCounts | None
    """How often the model itself was asked again, and how often it passed; None where it was not asked."""
    choice: ScaleChoice | None
    """The scales that were tried; None where the recipe said one."""
    dataset: DatasetManifest
    adapter: AdapterRecord
    pack: PackManifest
    settings: tuple[SettingsRow, ...]
    constraints: tuple[Constraint, ...]
    champion: str | None
    events: tuple[RegistryEvent, ...]
    overrides: tuple[NumberedEvent, ...] = ()
    """Promotions of this model that the gate did not stand behind, all there ever were."""
    kinds: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """The kinds of each suite's tasks."""
    served: ServedCounts | None = Field(default=None, exclude_if=lambda value: value is None)
    """Who answered what; None where a pack alone was gated."""
    hidden: tuple[str, ...] = Field(default=(), exclude_if=lambda value: not value)
    """What the repaired model passes, and an earlier tier's wrong answer hides."""
    tools: ToolsBy | None = None
    """Who put tools into the prompts; None where no task has any."""
    files: tuple[KeptFile, ...]
    timing: Timing
    tokens: int
    ledger_records: int
    ledger_head: str
    """The chain's head when this report was made: kept elsewhere, it shows later whether the past was rewritten."""
