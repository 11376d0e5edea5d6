"""What the gate found, and what it decided: a record that people and other programs read."""

from enum import StrEnum

from pydantic import Field, model_validator

from suture.core.frozen import Frozen
from suture.core.gate.breakdown import SplitRow, TagRow
from suture.core.gate.certificates import AnchorBound, HeldOutChange
from suture.core.gate.looks import Look
from suture.core.gate.policies import Asked, CountLooks
from suture.core.gate.repeats import Noise
from suture.core.measure.html_table import html_rows, html_table


class Decision(StrEnum):
    PROMOTE = "promote"
    REJECT = "reject"
    HOLD = "hold"


class GateReport(Frozen):
    """Attributes:
    reasons: why this decision, for people, most important first.
    settles: for a hold, what would settle it.
    protected: ids the baseline passed in all its runs, in the splits that are protected.
    lost: protected ids the candidate fails.
    lost_format: the part of ``lost`` and ``slipped`` that failed in form (no answer, cut off, syntax), not in skill.
    lucky: ids the baseline passed in all its runs and not in all draws, or with an answer that says nothing: not
        protected.
    slipped: ids the baseline passed and the candidate fails that were not protected: flaky, lucky, or in another split.
    repaired: ids the baseline failed and the candidate passes.
    flaky: ids of which one side sometimes passed and sometimes failed.
    faulted: ids without a verdict in any run of either side.
    unsettled: ids on which the sides disagree, not measured often enough to have a majority.
    rounding: how many verdicts of the baseline change in other batches and orders, where that was measured.
    fragile: ids that changed sides and are among them.
    repeats: measurements a disagreement takes.
    runs: of each task that was measured more than once, how often each side passed.
    asked: which policy this answers, where it was asked by one.
    kinds: of the tasks, in the order measured; empty where a file does not say.
    """

    schema_version: int = 2
    decision: Decision
    reasons: tuple[str, ...]
    settles: tuple[str, ...] = ()
    baseline_pack: str
    candidate_pack: str
    baseline: str
    candidate: str
    """Digests of the first measurement of each side."""
    repeated: tuple[str, ...] = ()
    """Digests of the further measurements, draws among them."""
    protected: tuple[str, ...]
    kept: tuple[str, ...]
    lost: tuple[str, ...]
    lost_format: tuple[str, ...]
    lucky: tuple[str, ...] = Field(default=(), exclude_if=lambda value: not value)
    slipped: tuple[str, ...] = ()
    repaired: tuple[str, ...]
    flaky: tuple[str, ...] = ()
    faulted: tuple[str, ...]
    unsettled: tuple[str, ...] = ()
    anchors: AnchorBound | None = None
    holdout: HeldOutChange | None = None
    look: Look | None = None
    noise: Noise | None = None
    rounding: Noise | None = Field(default=None, exclude_if=lambda value: value is None)
    fragile: tuple[str, ...] = Field(default=(), exclude_if=lambda value: not value)
    repeats: int = 1
    runs: dict[str, tuple[str, str]] = Field(default_factory=dict)
    rows: tuple[SplitRow, ...]
    tags: tuple[TagRow, ...] = ()
    asked: Asked | None = Field(default=None, exclude_if=lambda value: value is None)
    kinds: tuple[str, ...] = Field(default=(), exclude_if=lambda value: not value)

    def _repr_html_(self) -> str:
        """The decision in a notebook: what was decided and why, and what was lost."""
        told = {
            "why": self.reasons,
            "lost": (*self.lost, *self.slipped),
            "gained": self.repaired,
            "no verdict": self.faulted,
        }
        return html_table(self.decision.value.upper(), html_rows(told))

    @property
    def excused(self) -> bool:
        """Whether the anchors that were lost lie within a loss budget, so that none of them counts alone."""
        return self.anchors is not None and self.anchors.within_budget

    @property
    def uncounted(self) -> bool:
        """It is a check with looks off: the look at the held-out tasks was neither recorded nor paid for."""
        return self.asked is not None and self.asked.looks is CountLooks.OFF

    @model_validator(mode="after")
    def _decision_fits_the_lists(self) -> "GateReport":
        if self.decision is Decision.PROMOTE and ((self.lost and not self.excused) or self.faulted or self.unsettled):
            raise ValueError(
                "a report that promotes has nothing lost beyond its budget, nothing faulted and nothing unsettled"
            )
        return self
