"""The conditions of a sound run, each checked against the run's own files."""

from suture.core.gate.gate_report import GateReport
from suture.core.measure.scoreboard import Scoreboard
from suture.core.measure.splits import Split
from suture.files.small_files import sha256_of
from suture.report.kind_words import sandboxed
from suture.report.run_report import Constraint
from suture.store.datasets import read_dataset
from suture.store.run_paths import RunPaths


def check_constraints(
    paths: RunPaths, baseline: Scoreboard, candidate: Scoreboard, gate: GateReport
) -> tuple[Constraint, ...]:
    boards = (baseline, candidate)
    results = [result for board in boards for result in board.results]
    faults = sum(result.verdict.faulted for result in results)
    judge, run = candidate.judge, sandboxed(dict.fromkeys(result.kind for result in results))
    what, file = ("pack", paths.pack) if candidate.policy is None else ("policy", paths.policy)
    served = sha256_of(file)
    return (
        _held_out(paths, baseline),
        Constraint(
            name="benchmark complete",
            holds=len(baseline.results) == len(candidate.results) and not faults,
            found=f"{len(baseline.results)} and {len(candidate.results)} tasks measured, {faults} faults",
        ),
        Constraint(
            name=f"the {what} on disk is the {what} that was gated",
            holds=served == gate.candidate_pack,
            found=f"sha256 {served[:12]}",
        ),
        Constraint(
            name=f"{run} were judged in a sandbox" if run else "no answer was run",
            holds=not (run and judge.unsafe_local),
            found=f"isolation {judge.level.value}" + (" (--unsafe-local: NOT SAFE)" if judge.unsafe_local else ""),
        ),
    )


def _held_out(paths: RunPaths, baseline: Scoreboard) -> Constraint:
    """Computed from what was trained on, row by row, against the tasks of the other splits."""
    rows = read_dataset(paths.dataset).rows
    held = {r.task_id for r in baseline.results if r.split in (Split.DEV, Split.HOLDOUT)}
    touched = sorted({row.task_id for row in rows} & held)
    found = f"{len(touched)} of {len(held)} dev and held-out tasks among {len(rows)} rows of the dataset"
    return Constraint(name="held-out untouched", holds=not touched, found=found)
