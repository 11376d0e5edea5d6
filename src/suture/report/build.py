"""Collects a finished run's report from the ledger and the files its stages vouched for."""

from pathlib import Path

from suture.core.errors import UsageError
from suture.core.gate.anchors import anchors_kept
from suture.core.gate.gate_report import GateReport
from suture.core.measure.scoreboard import Scoreboard
from suture.core.measure.served_counts import count_served
from suture.core.measure.sheet import sheet_of
from suture.core.model.registry_events import CHAMPION, RegistryEvent, overrides, pack_of
from suture.core.plan.stages import GATE, HARVEST, HIDDEN, PACK, PROMOTE, SAMPLE, SCALE, TRAIN, R, StageOf
from suture.files.small_files import read_model, sha256_of
from suture.report.changes import task_changes
from suture.report.constraints import check_constraints
from suture.report.run_report import KeptFile, RunReport, SettingsRow, Timing
from suture.store.ledger import Ledger
from suture.store.run_paths import RunPaths
from suture.store.store import Store


def build_report(store: Store, run: str, *, command: str) -> RunReport:
    """Raises UsageError for a run that is not finished, BadFile when one of its files is missing or was changed."""
    plan = store.ledger.plan(run)
    entry = next(entry for entry in store.ledger.runs() if entry["id"] == run)
    paths = RunPaths(store.home.absolute(entry["directory"]))
    ended = _result(store.ledger, run, PROMOTE)
    baseline = read_model(paths.baseline, Scoreboard, what="scoreboard")
    candidate = read_model(paths.candidate, Scoreboard, what="scoreboard")
    gate = read_model(paths.gate, GateReport, what="gate report")
    events = store.ledger.events()
    dataset, sampled = _result(store.ledger, run, HARVEST), store.ledger.result(run, SAMPLE)
    records, head = store.ledger.head
    return RunReport(
        run=run,
        command=command,
        created_at=entry["created_at"],
        plan=plan,
        decision=ended.decision.value,
        reasons=ended.reasons,
        gate=gate,
        changes=task_changes(gate, sheet_of(baseline), sheet_of(candidate)),
        anchors=anchors_kept(gate, baseline, dataset.gate_only),
        samples=sampled.samples if sampled else None,
        rewrites=sampled.rewrites if sampled else None,
        choice=store.ledger.result(run, SCALE),
        dataset=dataset,
        adapter=_result(store.ledger, run, TRAIN),
        pack=_result(store.ledger, run, PACK),
        settings=_settings(store.ledger, plan.recipe.model),
        constraints=check_constraints(paths, baseline, candidate, gate),
        champion=pack_of(events, plan.recipe.model),
        events=tuple(event for event in events if event.model == plan.recipe.model),
        overrides=overrides(events, plan.recipe.model),
        kinds=baseline.kinds,
        served=count_served(candidate),
        hidden=_hidden(store.ledger, run, paths),
        tools=baseline.tools,
        files=_files(paths, promoted=any(_serves(event, gate.candidate_pack) for event in events)),
        timing=_timing(store.ledger, run),
        ledger_records=records,
        ledger_head=head,
        tokens=sum(r.attempt.completion.tokens for board in (baseline, candidate) for r in board.results),
    )


def _result(ledger: Ledger, run: str, stage: StageOf[R]) -> R:
    found = ledger.result(run, stage)
    if found is None:
        raise UsageError(
            f"run {run} has not finished stage {stage.name}",
            mend="suture view shows how far it is; if it was stopped, `suture heal` on its recipe goes on from there",
        )
    return found


def _hidden(ledger: Ledger, run: str, paths: RunPaths) -> tuple[str, ...]:
    if ledger.result(run, HIDDEN) is None:
        return ()
    return read_model(paths.hidden, Scoreboard, what="scoreboard").passed


def _settings(ledger: Ledger, model: str) -> tuple[SettingsRow, ...]:
    """Every finished run of this model name, oldest first."""
    rows: list[SettingsRow] = []
    for entry in ledger.runs():
        ended = ledger.result(entry["id"], PROMOTE)
        if entry["model"] != model or ended is None:
            continue
        plan = ledger.plan(entry["id"])
        adapter, gate = _result(ledger, entry["id"], TRAIN), _result(ledger, entry["id"], GATE)
        settings, last = adapter.settings, adapter.epochs[-1]
        rows.append(
            SettingsRow(
                run=entry["id"],
                recipe=entry["name"],
                created_at=entry["created_at"],
                strategy=settings.strategy.value,
                rank=settings.rank,
                alpha=settings.alpha,
                lr=settings.lr,
                epochs=settings.epochs,
                rows=adapter.rows_trained,
                scale=plan.recipe.scale,
                quantisation=plan.recipe.quantisation.value,
                adapter=adapter.sha256,
                trainable_share=adapter.trainable_parameters / adapter.total_parameters,
                final_loss=last.loss,
                final_kl=last.kl,
                anchors_kept=gate.kept,
                anchors=gate.protected,
                kept=gate.anchors,
                repaired=gate.repaired,
                decision=ended.decision.value,
            )
        )
    return tuple(rows)


def _serves(event: RegistryEvent, pack: str) -> bool:
    return event.alias == CHAMPION and event.pack == pack


def _files(paths: RunPaths, *, promoted: bool) -> tuple[KeptFile, ...]:
    note = "promoted" if promoted else "negative result: kept, never served"
    named = [
        ("pack", paths.pack, note),
        ("adapter", paths.adapter_weights, note),
        ("dataset", paths.rows, ""),
        ("baseline scoreboard", paths.baseline, ""),
        ("candidate scoreboard", paths.candidate, ""),
        ("gate report", paths.gate, ""),
        *([("policy", paths.policy, note)] if paths.policy.exists() else []),
    ]
    return tuple(KeptFile(name=n, path=shown(path), sha256=sha256_of(path), note=note) for n, path, note in named)


def shown(path: Path) -> str:
    """Relative to the working directory where it lies under it: what a person can paste."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def _timing(ledger: Ledger, run: str) -> Timing:
    stages, kinds = ledger.stage_seconds(run), ledger.kind_seconds(run)
    total = sum(stages.values())
    overhead = max(0.0, total - sum(kinds.values()))
    share = overhead / total if total else 0.0
    return Timing(total_s=total, stages=stages, kinds=kinds, overhead_s=overhead, overhead_share=share)
