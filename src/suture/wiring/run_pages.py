"""The page about a repair, from the ledger and the files that its stages vouched for."""

from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path

from suture.core.errors import UsageError
from suture.core.gate.gate_report import Decision, GateReport
from suture.core.measure.scoreboard import Scoreboard
from suture.core.measure.sheet import sheet_of
from suture.core.model.registry_events import pack_of
from suture.core.plan.stages import HARVEST, PROMOTE, SCALE, TRAIN
from suture.files.small_files import read_model
from suture.loop.stages.draw import DRAW
from suture.report.constraints import check_constraints
from suture.report.evidence import evidence_lines, overrides_of
from suture.store.datasets import read_dataset
from suture.store.run_paths import RunPaths
from suture.store.store import Store
from suture.studio.pages.verdict import pictures
from suture.studio.pairing import pair
from suture.studio.pictures.frame import Svg
from suture.studio.pictures.training import training_pictures
from suture.studio.rows import rows_of_board
from suture.studio.shown import About, Check, Measured, Shown
from suture.wiring.page_questions import questions_of
from suture.wiring.pages import bench_page, command, draws_of, measured, steps_of

MOST_EARLIER = 3
"""Earlier runs of the same model whose verdicts stand beside the two that are compared."""


def run_page(store: Store, run: str) -> Shown:
    """A run by its id; one without a decision shows what its base answers, once that was measured.

    Raises:
        UsageError: nothing was measured yet.
        BadFile: no such run, or a file of it is missing or was changed.
    """
    plan = store.ledger.plan(run)
    entry = next(entry for entry in store.ledger.runs() if entry["id"] == run)
    paths = RunPaths(store.home.absolute(entry["directory"]))
    ended = store.ledger.result(run, PROMOTE)
    sources = {name: Path(path) for name, path in plan.recipe.sources.items()}
    if ended is None:
        if not paths.baseline.exists():
            raise UsageError(f"run {run} has measured nothing yet", mend="suture heal, with its recipe, goes on")
        board = read_model(paths.baseline, Scoreboard, what="scoreboard")
        return bench_page(board, paths.baseline, sources=sources, name=f"{entry['name']}, before: no decision yet")
    baseline, candidate = (
        read_model(path, Scoreboard, what="scoreboard") for path in (paths.baseline, paths.candidate)
    )
    gate = read_model(paths.gate, GateReport, what="gate report")
    questions, why = questions_of(baseline, sources)
    against = overrides_of(store.ledger.events(), plan.recipe.model)
    differs = ended.decision is not gate.decision
    return Shown(
        About.HEAL,
        entry["name"],
        pair(rows_of_board(baseline), rows_of_board(candidate), gate),
        _vouched(store, measured("candidate", candidate), paths.candidate),
        _vouched(store, measured("baseline", baseline), paths.baseline),
        gate,
        run=run,
        model=plan.recipe.model,
        when=entry["created_at"],
        evidence=tuple(evidence_lines(gate)),
        steps=steps_of(gate),
        checks=_checks(paths, baseline, candidate, gate),
        questions=questions,
        why_no_questions=why,
        draws=draws_of([sheet_of(board) for board in _draws(paths)]),
        loglik=_loglik(store, run, paths),
        columns=_earlier(store, run, plan.recipe.model),
        notes=(
            *([f"The run ended as {ended.decision.value.upper()}: {'; '.join(ended.reasons)}"] if differs else []),
            *against,
        ),
        live=_live(store, plan.recipe.model, gate) if ended.decision is not Decision.PROMOTE else "",
        required=("gain",) if plan.recipe.gate.require_gain else (),
        commands=(
            ("this page", command("suture", "view", entry["name"], "--html", "report.html")),
            ("in a terminal", command("suture", "show", entry["name"], "--changed")),
            ("as Markdown", command("suture", "report", entry["name"])),
            ("is the store as it was?", "suture verify"),
        ),
    )


def page_pictures(store: Store, page: Shown) -> dict[str, Svg]:
    """All pictures of a page by the name of their file; of a run also those of its training."""
    found = dict(pictures(page))
    trained = store.ledger.result(page.run, TRAIN) if page.run else None
    if trained is not None:
        found |= dict(training_pictures(trained, store.ledger.result(page.run, SCALE)))
    return found


def _live(store: Store, model: str, gate: GateReport) -> str:
    """What is served now, for a run that was not promoted."""
    champion = pack_of(store.ledger.events(), model)
    if champion is None:
        return f"Not live: {model} has no champion."
    if champion == gate.candidate_pack:
        return f"Live all the same: its pack is the champion of {model} now."
    stays = "stays champion" if champion == gate.baseline_pack else "is the champion"
    return f"Not live: {champion[:12]} {stays} of {model}."


def _vouched(store: Store, side: Measured, path: Path) -> Measured:
    """With the hash that the ledger has for the file, and the record that says so."""
    written = store.home.relative(path)
    sha256 = store.ledger.file(written)
    if sha256 is None:
        return side
    return Measured(side.name, side.pack, side.digest, side.facts, written, sha256, store.ledger.file_record(written))


def _checks(paths: RunPaths, baseline: Scoreboard, candidate: Scoreboard, gate: GateReport) -> tuple[Check, ...]:
    return tuple(Check(one.name, one.holds, one.found) for one in check_constraints(paths, baseline, candidate, gate))


def _draws(paths: RunPaths) -> Sequence[Scoreboard]:
    found: list[Scoreboard] = []
    while (path := paths.repeat(DRAW, len(found) + 1)).exists():
        found.append(read_model(path, Scoreboard, what="scoreboard"))
    return found


def _earlier(store: Store, run: str, model: str) -> dict[str, dict[tuple[str, str], str]]:
    """What the candidates of the latest earlier runs of a model answered to the same tasks: a task's history."""
    before = list(takewhile(lambda entry: entry["id"] != run, store.ledger.runs()))
    found: dict[str, dict[tuple[str, str], str]] = {}
    for entry in reversed(before):
        path = RunPaths(store.home.absolute(entry["directory"])).candidate
        if len(found) < MOST_EARLIER and entry["model"] == model and path.exists():
            board = read_model(path, Scoreboard, what="scoreboard")
            rows = rows_of_board(board)
            found[f"{entry['name']} {entry['id'][:4]}"] = {(row.task_id, row.digest): row.word for row in rows}
    return found


def _loglik(store: Store, run: str, paths: RunPaths) -> dict[str, float]:
    if store.ledger.result(run, HARVEST) is None:
        return {}
    rows = read_dataset(paths.dataset).rows
    return {row.task_id: row.loglik for row in rows if row.loglik is not None}
