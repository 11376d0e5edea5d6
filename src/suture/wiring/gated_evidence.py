"""What gates found of what an alias points at, from the reports that the registry keeps."""

from collections.abc import Iterator

from suture.core.gate.breakdown import SplitRow
from suture.core.gate.gate_report import GateReport
from suture.core.gate.served_start import gated_tallies
from suture.core.measure.scoreboard import Tally
from suture.core.model.registry_events import numbered_events
from suture.files.small_files import read_model
from suture.store.store import Store

GatedTallies = tuple[tuple[SplitRow, Tally], ...]
"""What one side of a gate passed, by suite and split."""


def gated_evidence(store: Store, model: str, policy: str) -> GatedTallies:
    """What the newest gate of a model that measured a policy found of it; nothing where no gate did.

    A report that is missing, or was changed, is no evidence: `suture verify` names it.
    """
    return gated_tallies(_reports(store, model), policy)


def _reports(store: Store, model: str) -> Iterator[GateReport]:
    events = list(numbered_events(store.ledger.events(), model))
    digests = [found.event.gate_report for found in reversed(events) if found.event.gate_report]
    for digest in dict.fromkeys(digests):
        path = store.home.gate_report(digest)
        if path.exists():
            report = read_model(path, GateReport, what="gate report", mend="suture verify")
            if report.digest == digest:
                yield report
