"""Decides between two measurements, and counts the look at the held-out tasks that it costs."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from suture.core.digest import digest_of
from suture.core.errors import StaleEvidence
from suture.core.gate.decision import gate as decide
from suture.core.gate.gate_report import GateReport
from suture.core.gate.looks import HeldOutShowing, Look, look_at, require_pinned
from suture.core.gate.rules import GateRules
from suture.core.measure.scoreboard import Scoreboard
from suture.core.measure.sheet import Sheet, held_out_digest, held_out_digests, sheet_of
from suture.harnesses.opened import Choices, ResultsReading
from suture.harnesses.read import read_sides
from suture.store.clock import now
from suture.store.store import open_store
from suture.wiring.in_memory import Results, is_results, sheets_of_results

Measurement = Path | str | Scoreboard | Sheet
"""A file of `suture bench` or of another harness, or what was read of one."""
Side = Measurement | Sequence[Measurement] | Results


def counted_gate(
    baseline: Side,
    candidate: Side,
    rules: GateRules | None = None,
    *,
    drawn: Side = (),
    model: str | None = None,
    home: Path | str | None = None,
) -> GateReport:
    """Decide as a repair does: the look at held-out tasks is recorded in the store, and costs part of ``rules.alpha``.

    Raises:
        StaleEvidence: not measured on the same tasks with one instrument, or the model is held to other tasks.
        BadFile: a file that is missing, or no file of measurements.
    """
    before, after = both_sides(baseline, candidate)
    draws, _ = both_sides(drawn, ())
    rules = rules or GateRules()
    _require_draws_of(before[0], draws, rules)
    rules = asking_no_more(rules, before, after, draws)
    decide(before, after, rules, draws=draws)  # refuses before a look is paid for
    look = _pay(before, after, rules, model, home)
    return decide(before, after, rules, look, draws=draws)


def both_sides(before: Side, after: Side) -> tuple[list[Sheet], list[Sheet]]:
    """The measurements of two sides, read where they are files; of a file that holds several, the first is taken."""
    listed = [_listed(side) for side in (before, after)]
    files = [[Path(one) for one in side if isinstance(one, Path | str)] for side in listed]
    read = [iter(side) for side in read_sides(files[0], files[1], Choices())]
    first, second = ([_sheets(one, found) for one in side] for side, found in zip(listed, read, strict=True))
    return [sheet for sheets in first for sheet in sheets], [sheet for sheets in second for sheet in sheets]


def _listed(side: Any) -> list[Measurement]:
    if is_results(side):
        return [*sheets_of_results(side)]
    return [side] if isinstance(side, Measurement) else list(side)


def _sheets(measured: Measurement, read: Iterator[ResultsReading]) -> list[Sheet]:
    if isinstance(measured, Sheet):
        return [measured]
    return [sheet_of(measured)] if isinstance(measured, Scoreboard) else next(read).sheets


def _require_draws_of(baseline: Sheet, draws: Sequence[Sheet], rules: GateRules) -> None:
    for draw in draws:
        of_a_pack = "harness" not in {**baseline.instrument, **draw.instrument}
        if of_a_pack and draw.subject != baseline.subject:
            raise StaleEvidence(f"the draws are of another pack ({draw.subject[:12]}, not {baseline.subject[:12]})")
        asked = "draw_temperature" in rules.model_fields_set
        if asked and draw.temperature is not None and draw.temperature != rules.draw_temperature:
            raise StaleEvidence(f"drawn at temperature {draw.temperature:g}, not at {rules.draw_temperature:g}")


def asking_no_more(
    rules: GateRules, baseline: Sequence[Sheet], candidate: Sequence[Sheet], drawn: Sequence[Sheet] = ()
) -> GateRules:
    """``rules`` that ask for no more runs than there are; what was set stays, and may hold the candidate."""
    runs = min(len(baseline), len(candidate))
    odd = runs if runs % 2 else max(1, runs - 1)
    there = {"baseline_runs": runs, "repeats": odd, "draws": len(drawn)}
    there = {name: count for name, count in there.items() if name not in rules.model_fields_set}
    rules = rules.model_copy(update=there)
    if "max_repeats" in rules.model_fields_set:
        return rules
    return rules.model_copy(update={"max_repeats": max(odd, rules.repeats)})


def _pay(
    baseline: list[Sheet], candidate: list[Sheet], rules: GateRules, model: str | None, home: Path | str | None
) -> Look | None:
    """Count this candidate among those its held-out tasks were shown to."""
    digests = held_out_digests(baseline[0])
    holdout = held_out_digest(digests) if digests else None
    with open_store(home) as store:
        if model is not None:
            require_pinned(store.ledger.trials(), model, holdout, fresh=rules.fresh_holdout)
        if holdout is None:
            return None
        trial = HeldOutShowing(
            holdout=holdout,
            candidate=candidate[0].subject,
            evidence=digest_of([sheet.digest for sheet in (*baseline, *candidate)]),
            model=model,
            tasks=len(digests),
            at=now(),
        )
        store.ledger.add_trial(trial)
        return look_at(store.ledger.trials(), trial, rules.alpha)
