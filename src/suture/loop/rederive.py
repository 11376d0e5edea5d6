"""Makes each decision again from its scoreboards, and compares it with the one in the ledger."""

from collections.abc import Callable, Iterator
from pathlib import Path

from suture.core.errors import BadFile, StaleEvidence
from suture.core.gate.decision import gate
from suture.core.gate.gate_report import Decision, GateReport
from suture.core.gate.looks import Look, look_at
from suture.core.gate.luck import rules_for
from suture.core.measure.scoreboard import Scoreboard
from suture.core.measure.sheet import held_out_digest, held_out_digests, sheet_of
from suture.core.model.registry_events import Action, NumberedEvent, numbered_events
from suture.core.plan.recipe import Plan
from suture.core.plan.stages import GATE, PROMOTE, GateDone, PromoteDone
from suture.files.small_files import read_model
from suture.loop.held_out import SIDES
from suture.loop.stages.draw import DRAW
from suture.store.chain_check import Damage
from suture.store.home import Home
from suture.store.ledger import Ledger
from suture.store.run_paths import RunPaths
from suture.store.store import Store

LISTS = ("protected", "kept", "lost", "lucky", "slipped", "repaired", "flaky", "faulted", "unsettled")
"""What must come out the same besides the decision; wording may change from one Suture to the next."""

Told = Callable[[int], None]


def differing_decisions(store: Store, told: Told = lambda done: None) -> tuple[int, list[Damage]]:
    """How many decisions were made again, and those that came out otherwise, by run or event."""
    found: list[Damage] = []
    checked = 0
    for entry in store.ledger.runs():
        recorded = store.ledger.result(entry["id"], GATE)
        if recorded is None:
            continue
        plan, paths = store.ledger.plan(entry["id"]), RunPaths(store.home.absolute(entry["directory"]))
        where = f"run {entry['id']} ({entry['name']})"
        promoted = store.ledger.result(entry["id"], PROMOTE)
        try:
            report = _decided_again(store.ledger, plan, paths, recorded)
            found.extend(Damage(where, text) for text in _differences(report, paths, recorded))
            found.extend(Damage(where, text) for text in _otherwise_promoted(report, promoted))
        except (BadFile, StaleEvidence) as error:
            found.append(Damage(where, f"its decision cannot be made again: {error}"))
        checked += 1
        told(1)
    for event in numbered_events(store.ledger.events()):
        if event.event.gate_report is not None:
            found.extend(_behind_event(store.home, event))
    return checked, found


def _decided_again(ledger: Ledger, plan: Plan, paths: RunPaths, recorded: GateDone) -> GateReport:
    sides = [_boards(paths, side, set(recorded.boards)) for side in SIDES]
    rules = rules_for(plan.recipe.gate, sides[0][0])
    draws = [_board(paths.repeat(DRAW, number)) for number in range(1, rules.draws + 1)]
    boards = [board.digest for side in (*sides, draws) for board in side]
    if tuple(boards) != recorded.boards:
        raise BadFile("the scoreboards there are not those it was made on")
    sheets = [[sheet_of(board) for board in side] for side in sides]
    digests = held_out_digests(sheets[0][0])
    look = _look(ledger, plan, held_out_digest(digests)) if digests else None
    drawn = [sheet_of(board) for board in draws]
    return gate(sheets[0], sheets[1], rules, look, draws=drawn)


def _boards(paths: RunPaths, side: str, wanted: set[str]) -> list[Scoreboard]:
    """The first measurement and those repeats that were decided on: a stopped run may have left others."""
    boards = [_board(paths.baseline if side == SIDES[0] else paths.candidate)]
    while (path := paths.repeat(side, len(boards))).exists():
        board = _board(path)
        if board.digest not in wanted:
            break
        boards.append(board)
    return boards


def _board(path: Path) -> Scoreboard:
    return read_model(path, Scoreboard, what="scoreboard")


def _look(ledger: Ledger, plan: Plan, holdout: str) -> Look | None:
    trials = ledger.trials()
    mine = [trial for trial in trials if (trial.holdout, trial.evidence) == (holdout, plan.run_id)]
    return look_at(trials, mine[-1], plan.recipe.gate.alpha) if mine else None


def _differences(report: GateReport, paths: RunPaths, recorded: GateDone) -> Iterator[str]:
    if recorded.decision is not report.decision:
        yield f"the ledger says {recorded.decision.value}, its scoreboards {report.decision.value}: {report.reasons[0]}"
    written = read_model(paths.gate, GateReport, what="gate report")
    if written.digest != recorded.report:
        yield f"{paths.gate.name} is not the report that was recorded ({recorded.report[:12]})"
    for name in ("decision", *LISTS):
        if getattr(written, name) != getattr(report, name):
            yield f"{paths.gate.name} differs from its scoreboards: {name}"


def _otherwise_promoted(report: GateReport, promoted: PromoteDone | None) -> Iterator[str]:
    """A promotion may become a hold, when the champion is another by then; nothing else may change."""
    decision = (promoted or report).decision
    allowed = {report.decision}
    if report.decision is Decision.PROMOTE:
        allowed.add(Decision.HOLD)
    if decision not in allowed:
        yield f"it ended with {decision.value}, its scoreboards say {report.decision.value}"


def _behind_event(home: Home, found: NumberedEvent) -> Iterator[Damage]:
    """The gate report an event names, where it is kept (older stores kept none)."""
    event = found.event
    where = f"registry event {found.number} ({event.alias} of {event.model})"
    path = home.gate_report(str(event.gate_report))
    if not path.exists():
        return
    try:
        report = read_model(path, GateReport, what="gate report")
    except BadFile as error:
        yield Damage(where, str(error))
        return
    if report.digest != event.gate_report:
        yield Damage(where, f"{home.relative(path)} is not the gate report it names")
    elif report.candidate_pack != event.pack:
        yield Damage(where, f"its gate report is of another pack ({report.candidate_pack[:12]})")
    elif event.action is Action.PROMOTE and report.decision is not Decision.PROMOTE and not event.against_the_gate:
        yield Damage(where, f"it promotes without a reason what the gate said to {report.decision.value}")
